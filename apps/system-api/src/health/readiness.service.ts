import { Inject, Injectable } from '@nestjs/common';
import { type Component, type Status } from '@astro/contracts';
import { type Logger, withDeadline } from '@astro/runtime';
import { Connections } from '../shared/connections.js';
import { LOG } from '../shared/shared.module.js';
import { componentOf, readMovingParts } from './moving-parts.js';

const CHECK_DEADLINE_MS = 2_000;
/** However many ask, the databases are looked at no more often than this. */
const KEEP_FOR_MS = 500;

/** Can the databases be reached, and does the work move? */
@Injectable()
export class ReadinessService {
  private isDraining = false;
  private latest: Promise<Status> | undefined;
  private latestUntilMs = 0;
  private readonly lastDetails = new Map<string, string>();

  constructor(
    private readonly connections: Connections,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  /** From now on not ready: this process shuts down. */
  drain(): void {
    this.isDraining = true;
  }

  /** Never rejects: what cannot be looked at is an unhealthy component. At most half a second old. */
  async status(): Promise<Status> {
    if (!this.latest || performance.now() >= this.latestUntilMs) {
      this.latestUntilMs = Infinity;
      this.latest = this.look().finally(() => (this.latestUntilMs = performance.now() + KEEP_FOR_MS));
    }
    const status = await this.latest;
    if (!this.isDraining) return status;
    const own = { name: 'SystemAPI', healthy: false, detail: 'This server is shutting down.' };
    return { ...status, healthy: false, components: [own, ...status.components] };
  }

  private async look(): Promise<Status> {
    const parts = await Promise.all([
      this.check('SystemDB', () => this.connections.systemDb.query('SELECT 1')),
      this.check('CacheDB', () => this.connections.cacheDb.ping()),
      this.check('Job queue', () => this.connections.jobQueue.ping()),
      this.movingParts(),
    ]);
    const components = parts.flat();
    this.logChanges(components);
    return { healthy: components.every((part) => part.healthy), components, asOf: new Date().toISOString() };
  }

  private async check(name: string, ask: () => Promise<unknown>): Promise<Component> {
    const startedAtMs = performance.now();
    try {
      await withDeadline(ask(), CHECK_DEADLINE_MS, name);
      return { name, healthy: true, detail: `Answered in ${Math.ceil(performance.now() - startedAtMs)} ms.` };
    } catch (error) {
      return componentOf(name, error);
    }
  }

  private async movingParts(): Promise<readonly Component[]> {
    try {
      return await withDeadline(readMovingParts(this.connections.systemDb), CHECK_DEADLINE_MS, 'sync_health');
    } catch (error) {
      return [componentOf('Synchronization', error)];
    }
  }

  /** One line when a part fails or recovers, not one per look. */
  private logChanges(components: readonly Component[]): void {
    for (const { name, healthy, detail } of components) {
      const before = this.lastDetails.get(name) ?? '';
      const now = healthy ? '' : 'unhealthy';
      this.lastDetails.set(name, now);
      if (before === now) continue;
      const facts = { event: healthy ? 'health.recovered' : 'health.lost', component: name, detail };
      if (healthy) this.log.info(facts, `${name} is healthy again`);
      else this.log.warn(facts, `${name} is not healthy`);
    }
  }
}
