import type { SignIn } from './sign-ins.js';

/** `.stack/run/state.json`: what other commands need to know about the stack that runs. Holds passwords. */
export interface StackState {
  /** Address of the web. */
  readonly web: string;
  readonly api: string;
  /** With the rights of an owner, for people: psql and redis-cli take them. */
  readonly databases: Readonly<Record<'operations' | 'system' | 'cache' | 'queue', string>>;
  /** How the platform's own services sign in to the embedded OperationsDB, by role; empty for a given one. */
  readonly services: Readonly<Record<string, string>>;
  readonly caFile: string;
  /** Fixed ones, of the demo alone. */
  readonly signIns: readonly SignIn[];
  /** Lets `npm run info` ask the API for details. */
  readonly monitoringToken: string;
  /** For the command line tool. */
  readonly env: Readonly<Record<string, string>>;
  readonly children: readonly {
    readonly name: string;
    readonly pid: number;
    /** Answers 200 when it is ready. */
    readonly ready: string;
  }[];
}
