import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { previewRequestSchema, previewSchema, type Preview, type PreviewRequest } from '@astro/contracts';
import { Access } from '../auth/access.decorators.js';
import { ApiRoute } from '../shared/api-route.js';
import { Idempotent } from '../shared/idempotent.js';
import { READERS } from '../shared/readers.js';
import { By, Located, type Asking } from './asking.js';
import { OPERATORS } from './caller-rights.js';
import { PreviewsService } from './previews.service.js';
import { runIdSchema } from './run-answers.js';

const previewParams = z.object({ id: runIdSchema });
type PreviewParams = z.infer<typeof previewParams>;

/** What a run would do, before it does anything. */
@ApiTags('Runs')
@Controller('api/v1/runs/preview')
export class PreviewsController {
  constructor(private readonly previews: PreviewsService) {}

  @Post()
  @Idempotent(PreviewsService)
  @Access(OPERATORS)
  @ApiRoute({
    operationId: 'previewRun',
    summary: 'Count what a run would do',
    description:
      'A worker compares source and target. While `state` is `planning`, ask again at `Location`. A preview counts for ' +
      '10 minutes, for one run of the same scope. `confirmation` is set when the run would remove much.',
    body: previewRequestSchema,
    answer: previewSchema,
    status: 202,
    idempotency: 'required',
    problems: [409, 422],
  })
  @Located('/api/v1/runs/preview')
  previewRun(@Body() body: PreviewRequest, @By() asking: Asking): Promise<Preview> {
    return this.previews.make(body, asking);
  }

  @Get(':id')
  @Access(READERS)
  @ApiRoute({
    operationId: 'getRunPreview',
    summary: 'A preview: what the run would do, as far as it has been counted',
    params: previewParams,
    answer: previewSchema,
  })
  getRunPreview(@Param() { id }: PreviewParams): Promise<Preview> {
    return this.previews.read(id);
  }

  @Delete(':id')
  @Access(OPERATORS)
  @ApiRoute({
    operationId: 'discardRunPreview',
    summary: 'Discard a preview, also while it is being counted',
    params: previewParams,
    answer: previewSchema,
    problems: [409],
  })
  discardRunPreview(@Param() { id }: PreviewParams, @By() asking: Asking): Promise<Preview> {
    return this.previews.discard(id, asking);
  }
}
