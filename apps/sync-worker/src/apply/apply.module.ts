import { Module } from '@nestjs/common';
import { ApplyService } from './apply.service.js';
import { LaneProcessor } from './lane.processor.js';

@Module({ providers: [ApplyService, LaneProcessor] })
export class ApplyModule {}
