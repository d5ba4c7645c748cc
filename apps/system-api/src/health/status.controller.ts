import { Controller, Get, Header } from '@nestjs/common';
import { type Status } from '@astro/contracts';
import { ReadinessService } from './readiness.service.js';

/** For people: what the first screen of the web app shows. Open to everybody, so it holds no secrets and no rows. */
@Controller('api/v1/status')
export class StatusController {
  constructor(private readonly readiness: ReadinessService) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  status(): Promise<Status> {
    return this.readiness.status();
  }
}
