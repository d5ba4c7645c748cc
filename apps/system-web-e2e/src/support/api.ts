import { type APIRequestContext, expect } from '@playwright/test';
import { type Role, signInOf } from './sign-ins.js';

/** As far as the stories read it. */
export interface RunFacts {
  readonly id: string;
  readonly state: string;
  readonly finishedAt: string | null;
  readonly progress: {
    readonly percent: number | null;
    readonly rowsApplied: number;
    readonly rowsTotal: number | null;
    readonly removed: number;
    readonly inserted: number;
    readonly changed: number;
    readonly same: number;
  };
}

interface Page<T> {
  readonly items: readonly T[];
}

/** What a story asks of the product beside its pages: to prepare, and to compare what the pages say. */
export class Api {
  private constructor(
    private readonly request: APIRequestContext,
    private readonly headers: Readonly<Record<string, string>>,
  ) {}

  /** Signs in; a request context that belongs to a browser is then signed in as well. */
  static async signIn(request: APIRequestContext, role: Role): Promise<Api> {
    const response = await request.post('/api/v1/auth/sign-in', { data: signInOf(role) });
    expect(response.status(), await response.text()).toBe(200);
    const { accessToken } = (await response.json()) as { accessToken: string };
    return new Api(request, { authorization: `Bearer ${accessToken}` });
  }

  async get<T>(path: string): Promise<T> {
    const response = await this.request.get(`/api/v1${path}`, { headers: this.headers });
    expect(response.ok(), `${path}: ${await response.text()}`).toBe(true);
    return (await response.json()) as T;
  }

  async post<T>(path: string, data: object = {}, more: Readonly<Record<string, string>> = {}): Promise<T> {
    const headers = { ...this.headers, 'idempotency-key': crypto.randomUUID(), ...more };
    const response = await this.request.post(`/api/v1${path}`, { headers, data });
    expect(response.ok(), `${path}: ${await response.text()}`).toBe(true);
    return (await response.json()) as T;
  }

  async patch(path: string, data: object): Promise<void> {
    const response = await this.request.patch(`/api/v1${path}`, { headers: this.headers, data });
    expect(response.ok(), `${path}: ${await response.text()}`).toBe(true);
  }

  async delete(path: string): Promise<void> {
    const response = await this.request.delete(`/api/v1${path}`, { headers: this.headers });
    expect(response.ok(), `${path}: ${await response.text()}`).toBe(true);
  }

  run(id: string): Promise<RunFacts> {
    return this.get<RunFacts>(`/runs/${id}`);
  }

  /** The run that started last. */
  async newestRun(): Promise<RunFacts> {
    const { items } = await this.get<Page<RunFacts>>('/runs?limit=1');
    const [run] = items;
    if (!run) throw new Error('There is no run yet');
    return run;
  }

  /** Waits until the run has ended. @returns how */
  async ended(id: string): Promise<RunFacts> {
    await expect.poll(async () => (await this.run(id)).finishedAt, { timeout: 60_000 }).not.toBeNull();
    return this.run(id);
  }

  /** Cancels whatever a story has left behind, so that the next one finds every data set free. */
  async endAllRuns(): Promise<void> {
    const { items } = await this.get<Page<RunFacts>>('/runs?limit=50');
    const open = items.filter(({ finishedAt }) => finishedAt === null);
    for (const { id } of open) await this.post(`/runs/${id}/cancel`);
    for (const { id } of open) await this.ended(id);
  }
}
