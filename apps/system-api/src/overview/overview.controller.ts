import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { overviewSchema, seriesQuerySchema, type Overview, type SeriesQuery } from '@astro/contracts';
import { Access } from '../auth/access.decorators.js';
import { ApiRoute } from '../shared/api-route.js';
import { READERS } from '../shared/readers.js';
import { OverviewService } from './overview.service.js';

@ApiTags('Overview')
@Controller('api/v1/overview')
@Access(READERS)
export class OverviewController {
  constructor(private readonly overview: OverviewService) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @ApiRoute({
    operationId: 'getOverview',
    summary: 'Is anything wrong, and where',
    query: seriesQuerySchema,
    answer: overviewSchema,
  })
  getOverview(@Query() query: SeriesQuery): Promise<Overview> {
    return this.overview.overview(query);
  }
}
