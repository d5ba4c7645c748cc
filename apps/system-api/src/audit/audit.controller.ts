import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Response } from 'express';
import { z } from 'zod';
import {
  auditExportQuerySchema,
  auditPageSchema,
  auditQuerySchema,
  type AuditExportQuery,
  type AuditFilter,
  type AuditPage,
  type AuditQuery,
} from '@astro/contracts';
import { Access } from '../auth/access.decorators.js';
import { ApiRoute } from '../shared/api-route.js';
import { Origin, type RequestOrigin } from '../shared/request-origin.js';
import { AuditLog } from './audit-log.js';
import { AuditReader } from './audit-reader.js';
import { begun, exportLines } from './export.js';

/** The audit trail. Reading it is itself written down. */
@ApiTags('Audit')
@Controller('api/v1/audit')
@Access({ roles: ['auditor', 'admin'], scopes: ['audit'] })
export class AuditController {
  constructor(
    private readonly reader: AuditReader,
    private readonly log: AuditLog,
  ) {}

  @Get()
  @ApiRoute({
    operationId: 'listAuditEntries',
    summary: 'Who did what, newest first',
    description: 'Every filter that is given must fit. Reading the audit trail is an entry of its own.',
    query: auditQuerySchema,
    answer: auditPageSchema,
    problems: [422],
  })
  async listAuditEntries(@Query() query: AuditQuery, @Origin() origin: RequestOrigin): Promise<AuditPage> {
    const { limit: _limit, cursor, ...filter } = query;
    await this.written('audit.read', { filter, next: cursor !== undefined }, origin);
    return this.reader.page(query);
  }

  @Get('export')
  @ApiRoute({
    operationId: 'exportAuditEntries',
    summary: 'The entries that fit, as a file',
    description:
      'CSV by RFC 4180, in which no spreadsheet finds a formula, or one JSON object per line. Streamed, newest first.',
    query: auditExportQuerySchema,
    answer: z.string(),
    contentType: ['text/csv', 'application/jsonl'],
    problems: [422],
  })
  async exportAuditEntries(
    @Query() { format, ...filter }: AuditExportQuery,
    @Origin() origin: RequestOrigin,
    @Res() response: Response,
  ): Promise<void> {
    await this.written('audit.export', { filter, format }, origin);
    const entries = await begun(this.reader.all(filter, await this.reader.newest()));
    const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
    const type = format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/jsonl; charset=utf-8';
    response.setHeader('Content-Type', type);
    response.setHeader('Content-Disposition', `attachment; filename="audit_${time}.${format}"`);
    // A reader that goes away ends the export.
    await pipeline(Readable.from(exportLines(entries, format)), response).catch((error: unknown) => {
      if (!response.destroyed) throw error;
    });
  }

  private written(
    action: string,
    details: { filter: AuditFilter } & Record<string, unknown>,
    origin: RequestOrigin,
  ): Promise<void> {
    return this.log.record({ action, entityType: 'entry_log', details, origin });
  }
}
