import { Injectable } from '@nestjs/common';
import { type Pool, type PoolClient } from 'pg';
import {
  type ApiKey,
  type ApiKeyPage,
  type CreatedApiKey,
  type ListQuery,
  type NewApiKey,
  type Scope,
} from '@astro/contracts';
import { AuditLog } from '../audit/audit-log.js';
import { makeApiKey } from '../auth/api-key.js';
import { ApiProblem } from '../shared/api-problem.js';
import { Connections } from '../shared/connections.js';
import { decodeCursor, idPosition, pageOf } from '../shared/cursor.js';
import { type Administrator } from './users.service.js';

const COLUMNS = `k.id, k.name, k.prefix, k.scopes, u.email AS created_by, k.created_at, k.expires_at, k.last_used_at,
  k.last_used_address, k.revoked_at, k.expires_at <= now() AS expired`;
const FROM = `FROM access.api_keys k JOIN public.users u ON u.id = k.created_by`;
const LIST = `SELECT ${COLUMNS} ${FROM} WHERE k.id < $1 ORDER BY k.id DESC LIMIT $2`;
const READ = `SELECT ${COLUMNS} ${FROM} WHERE k.id = $1`;
const INSERT = `
INSERT INTO access.api_keys (name, prefix, key_hash, scopes, created_by, expires_at)
VALUES ($1, $2, $3, $4, $5, now() + make_interval(days => $6)) RETURNING id`;
const REVOKE = `UPDATE access.api_keys SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL`;
const MAX_ID = '9223372036854775807';

interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: Scope[];
  readonly created_by: string;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly last_used_at: Date | null;
  readonly last_used_address: string | null;
  readonly revoked_at: Date | null;
  readonly expired: boolean;
}

/** The keys of integrators. A key is told once; afterwards nobody, not even this server, knows it. */
@Injectable()
export class ApiKeysService {
  constructor(
    private readonly connections: Connections,
    private readonly audit: AuditLog,
  ) {}

  async list({ limit, cursor }: ListQuery): Promise<ApiKeyPage> {
    const before = cursor === undefined ? MAX_ID : decodeCursor(cursor, idPosition)[0];
    const { rows } = await this.connections.systemDb.query<KeyRow>(LIST, [before, limit + 1]);
    return pageOf(rows, limit, { item: keyOf, position: (row) => [row.id] });
  }

  async create(wanted: NewApiKey, { id: callerId, origin }: Administrator): Promise<CreatedApiKey> {
    const { secret, prefix, hash } = makeApiKey();
    const { name, scopes, expiresInDays } = wanted;
    return this.audit.act(async (client) => {
      const values = [name, prefix, hash, scopes, callerId, expiresInDays];
      const { rows } = await client.query<{ id: string }>(INSERT, values);
      const apiKey = keyOf(await this.read(client, rows[0]?.id ?? ''));
      const details = { name, prefix, scopes, expiresAt: apiKey.expiresAt };
      const entry = { action: 'api_key.create', entityType: 'api_key', entityId: apiKey.id, details, origin };
      return { result: { apiKey, secret }, entry };
    });
  }

  /** Ends the key at once. Revoking it again changes nothing. */
  async revoke(keyId: string, { origin }: Administrator): Promise<void> {
    await this.audit.act(async (client) => {
      const { name, prefix } = await this.read(client, keyId);
      const { rowCount } = await client.query(REVOKE, [keyId]);
      const details = { name, prefix, ...(rowCount === 0 && { note: 'it was revoked already' }) };
      return {
        result: undefined,
        entry: { action: 'api_key.revoke', entityType: 'api_key', entityId: keyId, details, origin },
      };
    });
  }

  private async read(db: Pool | PoolClient, keyId: string): Promise<KeyRow> {
    const [row] = (await db.query<KeyRow>(READ, [keyId])).rows;
    if (row) return row;
    throw new ApiProblem(404, { code: 'NO_SUCH_API_KEY', detail: 'There is no API key with this id.' });
  }
}

function keyOf(row: KeyRow): ApiKey {
  const state = row.revoked_at !== null ? 'revoked' : row.expired ? 'expired' : 'active';
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    scopes: row.scopes,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    lastUsedAddress: row.last_used_address,
    revokedAt: row.revoked_at?.toISOString() ?? null,
    state,
    allowed: { revoke: state === 'active' ? { ok: true } : { ok: false, reason: `The key is ${state} already.` } },
  };
}
