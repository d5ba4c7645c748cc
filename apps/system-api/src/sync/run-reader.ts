import { Injectable } from '@nestjs/common';
import {
  type Run,
  type RunErrorPage,
  type RunErrorQuery,
  type RunLog,
  type RunPage,
  type RunQuery,
  type RunSeries,
} from '@astro/contracts';
import { countErrors, listErrorGroups, listErrors, listRuns, readRun, readRunLog, readRunSeries } from '@astro/runs';
import { z } from 'zod';
import { type Identity } from '../auth/identity.js';
import { Connections } from '../shared/connections.js';
import { decodeCursor, pageOf } from '../shared/cursor.js';
import { asTooSlow } from '../shared/too-slow.js';
import { forCaller, noRun, runFor, runIdSchema } from './run-answers.js';

const POSITION = z.tuple([runIdSchema]);

/** Runs as people look at them. */
@Injectable()
export class RunReader {
  constructor(private readonly connections: Connections) {}

  async list({ limit, cursor, state, ...filter }: RunQuery, caller: Identity): Promise<RunPage> {
    const runs = await listRuns(this.connections.searches, {
      ...filter,
      limit,
      ...(cursor !== undefined && { before: decodeCursor(cursor, POSITION)[0] }),
      ...(state !== undefined && { states: [state].flat() }),
    }).catch(asTooSlow);
    return pageOf(runs, limit, { item: (run) => forCaller(run, caller), position: ({ id }) => [id] });
  }

  read(id: string, caller: Identity): Promise<Run> {
    return runFor(this.connections.systemDb, id, caller);
  }

  async series(id: string): Promise<RunSeries> {
    const series = await readRunSeries(this.connections.systemDb, id);
    if (!series) throw noRun(id);
    return series;
  }

  async log(id: string): Promise<RunLog> {
    const log = await readRunLog(this.connections.systemDb, id);
    if (!log) throw noRun(id);
    return log;
  }

  async errors(id: string, { limit, cursor, ...filter }: RunErrorQuery): Promise<RunErrorPage> {
    const db = this.connections.searches;
    if (!(await readRun(db, id))) throw noRun(id);
    const wanted = { ...filter, limit, ...(cursor !== undefined && { after: decodeCursor(cursor, POSITION)[0] }) };
    const [rows, groups, total] = await Promise.all([
      listErrors(db, id, wanted),
      listErrorGroups(db, id, wanted),
      countErrors(db, id, wanted),
    ]).catch(asTooSlow);
    return { ...pageOf(rows, limit, { item: (row) => row, position: (row) => [row.id] }), groups: [...groups], total };
  }
}
