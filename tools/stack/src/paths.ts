import { join } from 'node:path';

/** Where things of the local stack lie, all below `.stack` in the checkout. */
export interface StackPaths {
  readonly base: string;
  readonly data: string;
  readonly tls: string;
  /** Secrets and state; closed to other users. */
  readonly run: string;
  readonly logs: string;
  readonly secrets: string;
  readonly ports: string;
  readonly state: string;
  /** Verifies every server that the stack talks to. */
  readonly caBundle: string;
}

export function stackPaths(root: string): StackPaths {
  const base = join(root, '.stack');
  const run = join(base, 'run');
  return {
    base,
    data: join(base, 'data'),
    tls: join(base, 'tls'),
    run,
    logs: join(base, 'logs'),
    secrets: join(run, 'secrets.json'),
    ports: join(run, 'ports.json'),
    state: join(run, 'state.json'),
    caBundle: join(base, 'tls', 'trusted.pem'),
  };
}
