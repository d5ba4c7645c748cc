import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type Scope } from '@astro/contracts';
import { Connections } from '../shared/connections.js';
import { hashToken, prefixOf } from './api-key.js';
import { type ApiKeyIdentity } from './identity.js';

const FIND = `
SELECT k.id, k.name, k.key_hash, k.scopes, coalesce(k.last_used_at < now() - interval '1 minute', true) AS touch
FROM access.api_keys k JOIN public.users u ON u.id = k.created_by
WHERE k.prefix = $1 AND k.revoked_at IS NULL AND k.expires_at > now() AND u.disabled_at IS NULL`;

interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly key_hash: Buffer;
  readonly scopes: Scope[];
  readonly touch: boolean;
}

/** Knows API keys by their prefix and compares their hash. */
@Injectable()
export class ApiKeyStore {
  constructor(private readonly connections: Connections) {}

  /** @returns null for a key that is wrong, expired or revoked, or whose maker is disabled */
  async identify(key: string, address: string | null): Promise<ApiKeyIdentity | null> {
    const db = this.connections.systemDb;
    const [row] = (await db.query<KeyRow>(FIND, [prefixOf(key)])).rows;
    if (!row || !timingSafeEqual(row.key_hash, hashToken(key))) return null;
    // Once a minute is enough to see which keys are in use.
    if (row.touch) {
      const touch = 'UPDATE access.api_keys SET last_used_at = now(), last_used_address = $2 WHERE id = $1';
      await db.query(touch, [row.id, address]);
    }
    return { kind: 'api_key', id: row.id, name: row.name, role: null, scopes: row.scopes };
  }
}
