import { Module } from '@nestjs/common';
import { PreviewsController } from './previews.controller.js';
import { PreviewsService } from './previews.service.js';
import { RunReader } from './run-reader.js';
import { RunScope } from './run-scope.js';
import { RunsController } from './runs.controller.js';
import { RunsService } from './runs.service.js';
import { SchedulesController } from './schedules.controller.js';
import { SchedulesService } from './schedules.service.js';
import { ValueCheck } from './value-check.js';

/** Runs, their previews and schedules. The address of previews must come before that of a run. */
@Module({
  controllers: [PreviewsController, RunsController, SchedulesController],
  providers: [PreviewsService, RunReader, RunScope, RunsService, SchedulesService, ValueCheck],
})
export class SyncModule {}
