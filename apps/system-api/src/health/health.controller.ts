import { Controller, Get, Header, HttpStatus, Res } from '@nestjs/common';
import { type Response } from 'express';
import { type Liveness, type Readiness } from '@astro/contracts';
import { MetricsService } from './metrics.service.js';
import { ReadinessService } from './readiness.service.js';

/** For machines: process managers, load balancers, Prometheus. */
@Controller()
export class HealthController {
  constructor(
    private readonly readiness: ReadinessService,
    private readonly metrics: MetricsService,
  ) {}

  /** Says only that the process answers; restart it when it does not. */
  @Get('health/live')
  @Header('Cache-Control', 'no-store')
  live(): Liveness {
    return { status: 'live' };
  }

  /** 200 when the databases can be reached and work moves, else 503; the parts in trouble say why. */
  @Get('health/ready')
  @Header('Cache-Control', 'no-store')
  async ready(@Res({ passthrough: true }) response: Response): Promise<Readiness> {
    const { healthy, components } = await this.readiness.status();
    response.status(healthy ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE);
    return { status: healthy ? 'ready' : 'not ready', components };
  }

  @Get('metrics')
  @Header('Cache-Control', 'no-store')
  async prometheus(@Res() response: Response): Promise<void> {
    const text = await this.metrics.text();
    response.setHeader('Content-Type', this.metrics.contentType).send(text);
  }
}
