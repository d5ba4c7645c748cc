import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import {
  apiKeyPageSchema,
  createdApiKeySchema,
  idSchema,
  listQuerySchema,
  newApiKeySchema,
  type ApiKeyPage,
  type CreatedApiKey,
  type ListQuery,
  type NewApiKey,
} from '@astro/contracts';
import { Access } from '../auth/access.decorators.js';
import { ApiRoute } from '../shared/api-route.js';
import { Origin, type RequestOrigin } from '../shared/request-origin.js';
import { ApiKeysService } from './api-keys.service.js';
import { administratorOf } from './users.service.js';

const keyParams = z.object({ id: idSchema });

/** Keys of integrators, for administrators. */
@ApiTags('API keys')
@Controller('api/v1/api-keys')
@Access({ roles: ['admin'] })
export class ApiKeysController {
  constructor(private readonly keys: ApiKeysService) {}

  @Get()
  @ApiRoute({
    operationId: 'listApiKeys',
    summary: 'Every API key, newest first, without the keys themselves',
    query: listQuerySchema,
    answer: apiKeyPageSchema,
  })
  listApiKeys(@Query() query: ListQuery): Promise<ApiKeyPage> {
    return this.keys.list(query);
  }

  @Post()
  @ApiRoute({
    operationId: 'createApiKey',
    summary: 'Make an API key; it is told this one time',
    body: newApiKeySchema,
    answer: createdApiKeySchema,
    status: 201,
  })
  createApiKey(@Body() body: NewApiKey, @Origin() origin: RequestOrigin): Promise<CreatedApiKey> {
    return this.keys.create(body, administratorOf(origin));
  }

  @Delete(':id')
  @ApiRoute({
    operationId: 'revokeApiKey',
    summary: 'End an API key at once',
    params: keyParams,
    answer: null,
  })
  revokeApiKey(@Param() params: z.infer<typeof keyParams>, @Origin() origin: RequestOrigin): Promise<void> {
    return this.keys.revoke(params.id, administratorOf(origin));
  }
}
