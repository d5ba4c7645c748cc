import { type Component, type Readiness } from '@astro/contracts';
import { withDeadline, type Logger } from '@astro/runtime';

const CHECK_DEADLINE_MS = 2_000;

export interface HealthState {
  readonly healthy: boolean;
  /** One sentence for people, without secrets: what moves, or what does not and since when. */
  readonly detail: string;
}

/** A part of the worker that does work: says whether the work moves, not whether the process breathes (P12). */
export interface HealthComponent {
  readonly name: string;
  /** Cheap; called every few seconds. A check that throws or takes longer than 2 s counts as unhealthy. */
  check(): HealthState | Promise<HealthState>;
}

/** Knows every part of this worker. Ready means: started, not shutting down, and all parts healthy. */
export class HealthRegistry {
  private readonly components = new Map<string, HealthComponent>();
  private phase: 'starting' | 'running' | 'draining' = 'starting';

  constructor(private readonly log: Logger) {}

  /** Adds a part, or replaces the one of the same name. @returns removes it again */
  register(component: HealthComponent): () => void {
    this.components.set(component.name, component);
    return () => {
      if (this.components.get(component.name) === component) this.components.delete(component.name);
    };
  }

  /** Every role has been started. */
  started(): void {
    if (this.phase === 'starting') this.phase = 'running';
  }

  /** From now on not ready. */
  drain(): void {
    this.phase = 'draining';
  }

  async readiness(): Promise<Readiness> {
    const parts = await Promise.all([...this.components.values()].map((component) => this.look(component)));
    const components = [this.own(), ...parts];
    return { status: components.every(({ healthy }) => healthy) ? 'ready' : 'not ready', components };
  }

  private own(): Component {
    const name = 'worker';
    if (this.phase === 'running') return { name, healthy: true, detail: 'Started.' };
    const detail = this.phase === 'starting' ? 'Starting.' : 'Shutting down.';
    return { name, healthy: false, detail };
  }

  private async look(component: HealthComponent): Promise<Component> {
    const { name } = component;
    try {
      const checking = Promise.resolve().then(() => component.check());
      const { healthy, detail } = await withDeadline(checking, CHECK_DEADLINE_MS, `the health check of ${name}`);
      return { name, healthy, detail };
    } catch (error) {
      this.log.warn({ event: 'health.check_failed', component: name, error }, `the health check of ${name} failed`);
      return { name, healthy: false, detail: 'Its health check failed; the log says why.' };
    }
  }
}
