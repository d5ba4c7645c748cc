import { Module } from '@nestjs/common';
import { OperationsDb } from '../shared/operations-db.js';
import { DataSetsController } from './data-sets.controller.js';
import { DataSetsService } from './data-sets.service.js';
import { RowEstimateService } from './row-estimates.js';

@Module({
  controllers: [DataSetsController],
  providers: [OperationsDb, RowEstimateService, DataSetsService],
  exports: [DataSetsService, OperationsDb],
})
export class DataSetsModule {}
