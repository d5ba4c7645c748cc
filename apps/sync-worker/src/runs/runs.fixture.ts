import {
  changeRate,
  createRun,
  listErrors,
  readPreview,
  readRun,
  steerRun,
  type NewRun,
  type RunDetail,
  type SteeringVerb,
  type StoredPreview,
} from '@astro/runs';
import type { RunError } from '@astro/contracts';
import { waitFor } from '@astro/testing';
import type { Rig } from '../testing/rig.fixture.js';

const BY = { kind: 'user', id: '1', name: 'ana' } as const;

/** Starts and steers runs of a rig as the API does: in SystemDB. */
export class RunDesk {
  constructor(private readonly rig: Rig) {}

  /** @returns the run's id */
  async start(run: Pick<NewRun, 'mode' | 'dataSets'> & Partial<NewRun>): Promise<string> {
    const created = await this.within(() =>
      createRun(this.rig.system, { options: {}, initiator: BY, whenBusy: 'refuse', ...run }),
    );
    if (created.kind !== 'created') throw new Error(`not started: ${JSON.stringify(created)}`);
    return created.runId;
  }

  /** Waits for the figures of a preview, by data set. */
  async preview(run: Pick<NewRun, 'mode' | 'dataSets'> & Partial<NewRun>): Promise<StoredPreview> {
    const id = await this.start({ ...run, isPreview: true });
    const look = async () => {
      const preview = await readPreview(this.rig.system, id);
      return preview && preview.state !== 'planning' ? preview : false;
    };
    return waitFor(look, { what: `preview ${id}`, timeoutMs: 60_000 });
  }

  async steer(runId: string, verb: SteeringVerb): Promise<void> {
    const steered = await this.within(() => steerRun(this.rig.system, runId, { verb, by: BY }));
    if (steered?.move.kind === 'refused') throw new Error(steered.move.reason);
  }

  async limit(runId: string, rowsPerS: number | null): Promise<void> {
    await this.within(() => changeRate(this.rig.system, runId, { rowsPerS, unless: () => false }));
  }

  async read(runId: string): Promise<RunDetail> {
    const run = await readRun(this.rig.system, runId);
    if (!run) throw new Error(`there is no run ${runId}`);
    return run;
  }

  /** Waits until the run is in one of these states. */
  async reaches(runId: string, ...states: readonly string[]): Promise<RunDetail> {
    let last: RunDetail | null = null;
    const look = async () => {
      last = await this.read(runId);
      return states.includes(last.summary.state) ? last : false;
    };
    return waitFor(look, { what: `run ${runId} to be ${states.join(' or ')}`, timeoutMs: 60_000 }).catch(
      (error: unknown) => {
        throw new Error(`The run is otherwise: ${JSON.stringify(last)}`, { cause: error });
      },
    );
  }

  /** Waits until the only item of the run has written at least so many rows. */
  async applied(runId: string, rows: number): Promise<void> {
    const look = async () => ((await this.read(runId)).items[0]?.progress.rowsApplied ?? 0) >= rows;
    await waitFor(look, { what: `${rows} rows of run ${runId}`, timeoutMs: 60_000 });
  }

  /** What is listed of rows that failed or differ. */
  async errors(runId: string): Promise<readonly RunError[]> {
    return listErrors(this.rig.system, runId, { limit: 1000 });
  }

  private async within<T>(work: () => Promise<T>): Promise<T> {
    await this.rig.system.query('BEGIN');
    try {
      const result = await work();
      await this.rig.system.query('COMMIT');
      return result;
    } catch (error) {
      await this.rig.system.query('ROLLBACK');
      throw error;
    }
  }
}
