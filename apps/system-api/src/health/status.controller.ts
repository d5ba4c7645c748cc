import { Controller, Get, Header } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ROLES, statusSchema, type Status } from '@astro/contracts';
import { Access } from '../auth/access.decorators.js';
import { ApiRoute } from '../shared/api-route.js';
import { ReadinessService } from './readiness.service.js';

/** For people: does everything work, and what not. */
@ApiTags('Health')
@Controller('api/v1/status')
@Access({ roles: ROLES, scopes: ['read', 'metrics'] })
export class StatusController {
  constructor(private readonly readiness: ReadinessService) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @ApiRoute({ operationId: 'getStatus', summary: 'Does every part work', answer: statusSchema })
  getStatus(): Promise<Status> {
    return this.readiness.status();
  }
}
