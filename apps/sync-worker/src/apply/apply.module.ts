import { Module } from '@nestjs/common';
import { ApplyService } from './apply.service.js';
import { RunWork } from '../runs/run-work.js';
import { LaneProcessor } from './lane.processor.js';

@Module({ providers: [RunWork, ApplyService, LaneProcessor] })
export class ApplyModule {}
