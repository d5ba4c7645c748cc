import { Controller, Get, Header, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  changeDetailSchema,
  changeIdSchema,
  changeListSchema,
  changeQuerySchema,
  type ChangeDetail,
  type ChangeList,
  type ChangeQuery,
} from '@astro/contracts';
import { Access } from '../auth/access.decorators.js';
import { ApiRoute } from '../shared/api-route.js';
import { READERS } from '../shared/readers.js';
import { ChangesService } from './changes.service.js';

@ApiTags('Changes')
@Controller('api/v1/changes')
@Access(READERS)
export class ChangesController {
  constructor(private readonly changes: ChangesService) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @ApiRoute({
    operationId: 'listChanges',
    summary: 'Search the ledger: who changed what',
    description:
      'One item per change and data set, newest first. A search for something rare answers in time with what it has ' +
      'found so far: `searchedUntil` says how far back it has looked, `nextCursor` goes on from there.',
    query: changeQuerySchema,
    answer: changeListSchema,
  })
  list(@Query() query: ChangeQuery): Promise<ChangeList> {
    return this.changes.list(query);
  }

  @Get(':id')
  @Header('Cache-Control', 'no-store')
  @ApiRoute({
    operationId: 'getChange',
    summary: 'One change with the row before and after',
    params: changeIdSchema,
    answer: changeDetailSchema,
  })
  one(@Param() { id }: { id: string }): Promise<ChangeDetail> {
    return this.changes.one(id);
  }
}
