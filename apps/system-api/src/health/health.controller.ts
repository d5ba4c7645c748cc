import { Controller, Get, Header, HttpStatus, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Request, type Response } from 'express';
import { z } from 'zod';
import { livenessSchema, readinessSchema, type Liveness, type Readiness } from '@astro/contracts';
import { Access, Public } from '../auth/access.decorators.js';
import { AccessGuard } from '../auth/access.guard.js';
import { ApiRoute } from '../shared/api-route.js';
import { MetricsService } from './metrics.service.js';
import { ReadinessService } from './readiness.service.js';

/** For machines: process managers, load balancers, Prometheus. */
@ApiTags('Health')
@Controller()
export class HealthController {
  constructor(
    private readonly readiness: ReadinessService,
    private readonly metrics: MetricsService,
    private readonly access: AccessGuard,
  ) {}

  /** Says only that the process answers; restart it when it does not. */
  @Get('health/live')
  @Public()
  @ApiRoute({ operationId: 'getLiveness', summary: 'Does the process answer', answer: livenessSchema })
  @Header('Cache-Control', 'no-store')
  live(): Liveness {
    return { status: 'live' };
  }

  /**
   * 200 when the databases can be reached and work moves, else 503. Which part is in trouble, and why, is told only to
   * those who are signed in or have the scope `metrics`.
   */
  @Get('health/ready')
  @Public()
  @ApiRoute({
    operationId: 'getReadiness',
    summary: 'Are the databases there, and does work move',
    description: 'The parts are named only to those who are signed in or have the scope `metrics`.',
    answer: readinessSchema,
    problems: [503],
  })
  @Header('Cache-Control', 'no-store')
  async ready(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<Readiness> {
    const [{ healthy, components }, caller] = await Promise.all([
      this.readiness.status(),
      this.access.recognize(request, response),
    ]);
    response.status(healthy ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE);
    return { status: healthy ? 'ready' : 'not ready', components: caller ? [...components] : [] };
  }

  @Get('metrics')
  @Access({ roles: ['admin'], scopes: ['metrics'] })
  @ApiRoute({ operationId: 'getMetrics', summary: 'For Prometheus', answer: z.string(), contentType: 'text/plain' })
  @Header('Cache-Control', 'no-store')
  async prometheus(@Res() response: Response): Promise<void> {
    const text = await this.metrics.text();
    response.setHeader('Content-Type', this.metrics.contentType).send(text);
  }
}
