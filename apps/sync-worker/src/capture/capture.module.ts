import { Module } from '@nestjs/common';
import { CaptureService } from './capture.service.js';

@Module({ providers: [CaptureService] })
export class CaptureModule {}
