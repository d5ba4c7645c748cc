import { Controller, Get, Header, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  dataSetDetailSchema,
  dataSetListSchema,
  dataSetNameSchema,
  seriesQuerySchema,
  type DataSetDetail,
  type DataSetList,
  type SeriesQuery,
} from '@astro/contracts';
import { Access, Caller } from '../auth/access.decorators.js';
import { type Identity } from '../auth/identity.js';
import { ApiRoute } from '../shared/api-route.js';
import { READERS } from '../shared/readers.js';
import { allowedFor, DataSetsService } from './data-sets.service.js';

@ApiTags('Data sets')
@Controller('api/v1/data-sets')
@Access(READERS)
export class DataSetsController {
  constructor(private readonly dataSets: DataSetsService) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @ApiRoute({
    operationId: 'listDataSets',
    summary: 'How every data set stands',
    description: 'All of them, by name. A status is `unknown` when no worker has reported for 30 seconds.',
    answer: dataSetListSchema,
  })
  async list(@Caller() caller: Identity): Promise<DataSetList> {
    const allowed = allowedFor(caller);
    const items = (await this.dataSets.list()).map((dataSet) => ({ ...dataSet, allowed }));
    return { items, nextCursor: null, asOf: new Date().toISOString() };
  }

  @Get(':name')
  @Header('Cache-Control', 'no-store')
  @ApiRoute({
    operationId: 'getDataSet',
    summary: 'One data set with its series, hops, keys set aside and last runs',
    params: dataSetNameSchema,
    query: seriesQuerySchema,
    answer: dataSetDetailSchema,
  })
  one(
    @Param() { name }: { name: string },
    @Query() query: SeriesQuery,
    @Caller() caller: Identity,
  ): Promise<DataSetDetail> {
    return this.dataSets.detail(name, query, caller);
  }
}
