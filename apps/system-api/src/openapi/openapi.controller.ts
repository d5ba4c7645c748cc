import { Controller, Get } from '@nestjs/common';
import { ApiTags, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { ROLES, SCOPES } from '@astro/contracts';
import { Access } from '../auth/access.decorators.js';
import { ApiRoute } from '../shared/api-route.js';
import { ServedDocument } from './served-document.js';

@ApiTags('About')
@Controller('api/v1/openapi.json')
@Access({ roles: ROLES, scopes: SCOPES })
export class OpenApiController {
  constructor(private readonly served: ServedDocument) {}

  @Get()
  @ApiRoute({
    operationId: 'getOpenApiDocument',
    summary: 'This document',
    answer: z.record(z.string(), z.unknown()),
  })
  document(): OpenAPIObject {
    return this.served.document();
  }
}
