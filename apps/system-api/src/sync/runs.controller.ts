import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import {
  changeRunSchema,
  runErrorPageSchema,
  runErrorQuerySchema,
  runPageSchema,
  runQuerySchema,
  runSchema,
  runLogSchema,
  runSeriesSchema,
  startRunSchema,
  type ChangeRun,
  type Run,
  type RunErrorPage,
  type RunErrorQuery,
  type RunLog,
  type RunPage,
  type RunQuery,
  type RunSeries,
  type StartRun,
} from '@astro/contracts';
import { Access, Caller } from '../auth/access.decorators.js';
import { type Identity } from '../auth/identity.js';
import { ApiRoute } from '../shared/api-route.js';
import { Idempotent } from '../shared/idempotent.js';
import { READERS } from '../shared/readers.js';
import { By, Located, type Asking } from './asking.js';
import { OPERATORS } from './caller-rights.js';
import { runIdSchema } from './run-answers.js';
import { RunReader } from './run-reader.js';
import { RunsService } from './runs.service.js';

const runParams = z.object({ id: runIdSchema });
type RunParams = z.infer<typeof runParams>;

const steering = (verb: string, summary: string, description: string) => ({
  ...{ operationId: `${verb}Run`, summary, description, params: runParams, answer: runSchema, problems: [409] },
});

/** Runs: what synchronizes data sets because somebody asked for it. */
@ApiTags('Runs')
@Controller('api/v1/runs')
export class RunsController {
  constructor(
    private readonly runs: RunsService,
    private readonly reader: RunReader,
  ) {}

  @Get()
  @Access(READERS)
  @ApiRoute({
    operationId: 'listRuns',
    summary: 'Runs, newest first',
    query: runQuerySchema,
    answer: runPageSchema,
    problems: [422],
  })
  listRuns(@Query() query: RunQuery, @Caller() caller: Identity): Promise<RunPage> {
    return this.reader.list(query, caller);
  }

  @Post()
  @Idempotent(RunReader)
  @Access(OPERATORS)
  @ApiRoute({
    operationId: 'startRun',
    summary: 'Start a run of some data sets or of all',
    description:
      'Answers 201 with `Location`. A data set that has a run already is refused with 409, which names the run, unless ' +
      '`whenBusy` is `queue`. A run that would remove more of a target than the settings permit stops by itself, ' +
      'unless it is started from a preview with the confirmation that the preview returned.',
    body: startRunSchema,
    answer: runSchema,
    status: 201,
    idempotency: 'required',
    problems: [409, 412, 422],
  })
  @Located('/api/v1/runs')
  startRun(@Body() body: StartRun, @By() asking: Asking): Promise<Run> {
    return this.runs.start(body, asking);
  }

  @Get(':id')
  @Access(READERS)
  @ApiRoute({
    operationId: 'getRun',
    summary: 'A run with its data sets and how far each has come',
    params: runParams,
    answer: runSchema,
  })
  getRun(@Param() params: RunParams, @Caller() caller: Identity): Promise<Run> {
    return this.reader.read(params.id, caller);
  }

  @Get(':id/series')
  @Access(READERS)
  @ApiRoute({
    operationId: 'getRunSeries',
    summary: 'How fast a run went, from its start to its end or until now',
    description: 'A point is null where the run was paused or nobody reported: a gap, and not zero.',
    params: runParams,
    answer: runSeriesSchema,
  })
  getRunSeries(@Param() params: RunParams): Promise<RunSeries> {
    return this.reader.series(params.id);
  }

  @Get(':id/log')
  @Access(READERS)
  @ApiRoute({
    operationId: 'getRunLog',
    summary: 'What happened to a run: who asked for what, when workers took it up, and how it ended',
    description: 'Newest first. What was refused changed nothing: the audit trail has it.',
    params: runParams,
    answer: runLogSchema,
  })
  getRunLog(@Param() params: RunParams): Promise<RunLog> {
    return this.reader.log(params.id);
  }

  @Get(':id/errors')
  @Access(READERS)
  @ApiRoute({
    operationId: 'listRunErrors',
    summary: 'Rows that failed or differ, by cause and one by one',
    description: 'Every row is counted in its group; of each data set the first 10 000 are kept one by one.',
    params: runParams,
    query: runErrorQuerySchema,
    answer: runErrorPageSchema,
    problems: [422],
  })
  listRunErrors(@Param() params: RunParams, @Query() query: RunErrorQuery): Promise<RunErrorPage> {
    return this.reader.errors(params.id, query);
  }

  @Post(':id/pause')
  @Access(OPERATORS)
  @ApiRoute(
    steering('pause', 'Let a run rest', 'Takes effect after the chunk under way. The same again changes nothing.'),
  )
  pauseRun(@Param() { id }: RunParams, @By() asking: Asking): Promise<Run> {
    return this.runs.steer(id, 'pause', asking);
  }

  @Post(':id/resume')
  @Access(OPERATORS)
  @ApiRoute(steering('resume', 'Let a paused run go on', 'It goes on where it was. The same again changes nothing.'))
  resumeRun(@Param() { id }: RunParams, @By() asking: Asking): Promise<Run> {
    return this.runs.steer(id, 'resume', asking);
  }

  @Post(':id/cancel')
  @Access(OPERATORS)
  @ApiRoute(steering('cancel', 'End a run for good', 'What has been written stays. The same again changes nothing.'))
  cancelRun(@Param() { id }: RunParams, @By() asking: Asking): Promise<Run> {
    return this.runs.steer(id, 'cancel', asking);
  }

  @Post(':id/retry')
  @Idempotent(RunReader)
  @Access(OPERATORS)
  @ApiRoute({
    operationId: 'retryRun',
    summary: 'Start a new run of what failed in this one',
    description: 'The new run names this one in `retryOf`. Its removals are limited anew.',
    params: runParams,
    answer: runSchema,
    status: 201,
    idempotency: 'required',
    problems: [409],
  })
  @Located('/api/v1/runs')
  retryRun(@Param() { id }: RunParams, @By() asking: Asking): Promise<Run> {
    return this.runs.retry(id, asking);
  }

  @Patch(':id')
  @Access(OPERATORS)
  @ApiRoute({
    operationId: 'changeRun',
    summary: 'Change the rate limit of a run while it goes on',
    params: runParams,
    body: changeRunSchema,
    answer: runSchema,
    problems: [409],
  })
  changeRun(@Param() { id }: RunParams, @Body() body: ChangeRun, @By() asking: Asking): Promise<Run> {
    return this.runs.change(id, body, asking);
  }
}
