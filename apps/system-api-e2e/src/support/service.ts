import { waitFor } from '@astro/testing';
import type { Program } from './program.js';

interface Readiness {
  readonly status: 'ready' | 'not ready';
  readonly components: readonly { readonly name: string; readonly healthy: boolean; readonly detail: string }[];
}

const START_TIMEOUT_MS = 60_000;
/** With it the API tells what its parts do, and its metrics; a worker tells everybody. */
export const MONITORING_TOKEN = 'monitoring-token-of-the-e2e-0123456789';
export const MONITORING = { authorization: `Bearer ${MONITORING_TOKEN}` };

/** A program of ours that answers HTTP. */
export class Service {
  readonly url: string;

  constructor(
    readonly program: Program,
    readonly port: number,
  ) {
    this.url = `http://127.0.0.1:${port}`;
  }

  async readiness(): Promise<Readiness> {
    return (await fetch(`${this.url}/health/ready`, { headers: MONITORING })).json() as Promise<Readiness>;
  }

  /** Waits until it is ready; fails at once when the program has ended. */
  async ready(timeoutMs = START_TIMEOUT_MS): Promise<void> {
    const look = async () => {
      if (!this.program.running) return 'ended' as const;
      return (await this.readiness()).status === 'ready' && ('ready' as const);
    };
    const state = await waitFor(look, { what: `${this.url} to be ready`, timeoutMs }).catch(async (error: unknown) => {
      const last = await this.readiness().catch(() => null);
      throw new Error(`${String(error)}\n${JSON.stringify(last)}`, { cause: error });
    });
    if (state === 'ended') throw new Error(`It ended: ${(await this.program.ended).stderr}`);
  }

  /** Waits until readiness fails with a part whose name and detail match. @returns the detail */
  async notReady(name: string, detail: RegExp, timeoutMs = START_TIMEOUT_MS): Promise<string> {
    const look = async () => {
      const response = await fetch(`${this.url}/health/ready`, { headers: MONITORING });
      const { components } = (await response.json()) as Readiness;
      const part = components.find((component) => component.name === name);
      return response.status === 503 && part?.healthy === false && detail.test(part.detail) && part.detail;
    };
    return waitFor(look, { what: `${this.url} to say "${name}" is ${String(detail)}`, timeoutMs });
  }
}
