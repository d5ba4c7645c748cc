import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { explainQuerySchema, explanationSchema, type Explanation, type ExplainQuery } from '@astro/contracts';
import { Access } from '../auth/access.decorators.js';
import { ApiRoute } from '../shared/api-route.js';
import { READERS } from '../shared/readers.js';
import { ExplainService } from './explain.service.js';

@ApiTags('Explain')
@Controller('api/v1/explain')
@Access(READERS)
export class ExplainController {
  constructor(private readonly service: ExplainService) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @ApiRoute({
    operationId: 'explainValue',
    summary: 'Why is this value here',
    description:
      'One key of one data set across the databases: the row of the source, the changes with their origin, and what the ' +
      'target holds. `table` is needed only for data sets of several tables.',
    query: explainQuerySchema,
    answer: explanationSchema,
    problems: [404, 503],
  })
  explain(@Query() query: ExplainQuery): Promise<Explanation> {
    return this.service.explain(query);
  }
}
