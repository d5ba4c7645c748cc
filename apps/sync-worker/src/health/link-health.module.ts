import { Module } from '@nestjs/common';
import { LinkHealth } from './link-health.js';

@Module({ providers: [LinkHealth] })
export class LinkHealthModule {}
