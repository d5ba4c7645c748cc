import { Inject, Injectable } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Pool } from 'pg';
import type { RegisteredLane } from '@astro/ledger';
import { RunStore } from '@astro/runs';
import type { Logger } from '@astro/runtime';
import type { LaneTasks } from '@astro/sync-core';
import { LOG } from '../config.js';
import { LEDGER_POOL } from '../engine/engine.module.js';
import { Every } from '../engine/every.js';
import { Comparisons, type Comparer } from './comparisons.js';
import { HeldItems, type HeldItem } from './held-items.js';
import { Helper } from './helper.js';
import { PartLedger } from './part-ledger.js';
import { PartWorker } from './part-worker.js';
import { StoredLaneTasks } from './stored-lane-tasks.js';
import { isForLane } from './task-of.js';

const BEAT_INTERVAL_MS = 1000;
/** A lane at work looks this often for a new item when nobody tells it of one. */
const CLAIM_INTERVAL_MS = 2000;

/** What the lanes of this worker lend to runs. */
export interface RunEngine {
  readonly comparerOf: (dataSet: string) => Comparer | null;
  /** The lane has something to do for a run. */
  readonly wake: (dataSet: string) => void;
}

/**
 * This worker's part in runs. Whoever moves a lane works for the runs of its data set: the lane takes an item when it
 * looks for one, and gives it back when it stops moving here. So an item never has to find its lane, and who has lost
 * the lane loses the item.
 */
@Injectable()
export class RunWork {
  private readonly held: HeldItems;
  private readonly beat: Every;
  private readonly claimedAtMs = new Map<string, number>();
  private readonly comparisons: Comparisons;
  private readonly helper: Helper;
  private engine: RunEngine | null = null;

  constructor(
    @Inject(LEDGER_POOL) private readonly pool: Pool,
    @Inject(LOG) log: Logger,
  ) {
    const worker = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
    const store = new RunStore(pool);
    const parts = new PartLedger(pool);
    this.held = new HeldItems({ store, worker, log });
    this.beat = new Every('runs', BEAT_INTERVAL_MS, log);
    const tools = { store, worker, parts, partWorker: new PartWorker(store, parts, worker), pool, log };
    const comparerOf = (dataSet: string) => this.engine?.comparerOf(dataSet) ?? null;
    this.comparisons = new Comparisons({ ...tools, comparerOf, wake: (lane) => this.wake(lane) });
    this.helper = new Helper({ ...tools, comparerOf });
  }

  start(engine: RunEngine): void {
    this.engine = engine;
    this.beat.start(() => this.held.beat());
    this.helper.start();
  }

  /** After every lane has ended. */
  async stop(): Promise<void> {
    await this.helper.stop();
    await this.comparisons.stop();
    await this.beat.stop();
    await this.held.releaseAll();
  }

  tasksOf(lane: RegisteredLane): LaneTasks {
    return new StoredLaneTasks({
      lane,
      pool: this.pool,
      take: () => this.take(lane),
      prove: (item, end) => this.comparisons.prove(item, end),
    });
  }

  /** Something was started, steered or ended: what is held learns of it at once, and what is new is looked for. */
  async changed(): Promise<void> {
    this.claimedAtMs.clear();
    await this.held.beat();
  }

  /** The lane has stopped moving here: another worker may go on with what it worked on. */
  async laneEnded(lane: string): Promise<void> {
    this.claimedAtMs.delete(lane);
    await this.laneItem(lane)
      ?.release()
      .catch(() => undefined); // the lease ends by itself
  }

  private wake(lane: string): void {
    this.claimedAtMs.delete(lane);
    this.engine?.wake(lane);
  }

  private async take(lane: RegisteredLane): Promise<HeldItem | null> {
    if (Date.now() - (this.claimedAtMs.get(lane.name) ?? 0) >= CLAIM_INTERVAL_MS) {
      this.claimedAtMs.set(lane.name, Date.now());
      for (const item of await this.held.claim(lane.name)) if (!isForLane(item)) this.comparisons.begin(item);
    }
    return this.laneItem(lane.name);
  }

  private laneItem(name: string): HeldItem | null {
    return this.held.all().find((item) => item.claimed.dataSet === name && isForLane(item)) ?? null;
  }
}
