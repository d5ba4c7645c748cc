import { Body, Controller, Get, Param, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import {
  changeScheduleSchema,
  runSchema,
  scheduleListSchema,
  scheduleSchema,
  type ChangeSchedule,
  type Run,
  type Schedule,
  type ScheduleList,
} from '@astro/contracts';
import { Access, Caller } from '../auth/access.decorators.js';
import { type Identity } from '../auth/identity.js';
import { ApiRoute } from '../shared/api-route.js';
import { Idempotent } from '../shared/idempotent.js';
import { READERS } from '../shared/readers.js';
import { By, Located, type Asking } from './asking.js';
import { OPERATORS } from './caller-rights.js';
import { RunReader } from './run-reader.js';
import { SchedulesService } from './schedules.service.js';

const scheduleParams = z.object({ dataSet: z.string().min(1).max(200) });
type ScheduleParams = z.infer<typeof scheduleParams>;

/** When data sets of mode scheduled are brought over. */
@ApiTags('Schedules')
@Controller('api/v1/schedules')
export class SchedulesController {
  constructor(private readonly schedules: SchedulesService) {}

  @Get()
  @Access(READERS)
  @ApiRoute({
    operationId: 'listSchedules',
    summary: 'Every schedule with its next three times and its last result',
    answer: scheduleListSchema,
  })
  listSchedules(@Caller() caller: Identity): Promise<ScheduleList> {
    return this.schedules.list(caller);
  }

  @Patch(':dataSet')
  @Access(OPERATORS)
  @ApiRoute({
    operationId: 'changeSchedule',
    summary: 'Pause a schedule, or let it go on',
    description: 'Times that pass meanwhile are not made up. Pausing needs a reason, which everybody sees.',
    params: scheduleParams,
    body: changeScheduleSchema,
    answer: scheduleSchema,
    problems: [422],
  })
  changeSchedule(
    @Param() { dataSet }: ScheduleParams,
    @Body() body: ChangeSchedule,
    @By() asking: Asking,
  ): Promise<Schedule> {
    return this.schedules.change(dataSet, body, asking);
  }

  @Post(':dataSet/run')
  @Idempotent(RunReader)
  @Access(OPERATORS)
  @ApiRoute({
    operationId: 'runScheduleNow',
    summary: 'Bring a scheduled data set over now',
    description: 'An incremental run, also while the schedule is paused; its times stay as they are.',
    params: scheduleParams,
    answer: runSchema,
    status: 201,
    idempotency: 'required',
    problems: [409],
  })
  @Located('/api/v1/runs')
  runScheduleNow(@Param() { dataSet }: ScheduleParams, @By() asking: Asking): Promise<Run> {
    return this.schedules.runNow(dataSet, asking);
  }
}
