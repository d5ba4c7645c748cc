import { randomUUID } from 'node:crypto';
import { waitFor } from '@astro/testing';
import type { Service } from './service.js';

interface RunFacts {
  readonly id: string;
  readonly state: string;
  readonly finishedAt: string | null;
}

/** A program that uses the API as one of the demo's people. */
export class Caller {
  private constructor(
    private readonly api: Service,
    private readonly token: string,
  ) {}

  static async signIn(api: Service, role: 'viewer' | 'operator'): Promise<Caller> {
    const signIn = { email: `${role}@astrobookings.example`, password: `astro-demo-${role}` };
    const { accessToken } = await new Caller(api, '').post<{ accessToken: string }>('/auth/sign-in', signIn);
    return new Caller(api, accessToken);
  }

  /** @throws with the problem when it is refused */
  get<T>(path: string): Promise<T> {
    return this.ask<T>(path, {});
  }

  /** @throws with the problem when it is refused */
  post<T>(path: string, body: object): Promise<T> {
    return this.ask<T>(path, { method: 'POST', body: JSON.stringify(body) });
  }

  /** Starts a run and waits for its end. @returns how it ended */
  async run(body: object): Promise<string> {
    const { id } = await this.post<RunFacts>('/runs', body);
    const look = async () => {
      const run = await this.get<RunFacts>(`/runs/${id}`);
      return run.finishedAt !== null && run.state;
    };
    return waitFor(look, { what: `run ${id} to end`, timeoutMs: 60_000 });
  }

  private async ask<T>(path: string, init: RequestInit): Promise<T> {
    const headers = {
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
      ...(this.token !== '' && { authorization: `Bearer ${this.token}` }),
    };
    const response = await fetch(`${this.api.url}/api/v1${path}`, { ...init, headers });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  }
}
