import { Module } from '@nestjs/common';
import { ChangesModule } from '../changes/changes.module.js';
import { DataSetsModule } from '../data-sets/data-sets.module.js';
import { ExplainController } from './explain.controller.js';
import { ExplainService } from './explain.service.js';

@Module({ imports: [ChangesModule, DataSetsModule], controllers: [ExplainController], providers: [ExplainService] })
export class ExplainModule {}
