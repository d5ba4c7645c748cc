import { createPublicKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Connections } from '../shared/connections.js';

/** How long a key signs. Its public half stays as long again, which outlives every token that it signed. */
const SIGNS_FOR_MS = 60 * 60 * 1_000;
const MAX_KNOWN = 1_000;
const KID = /^[\w-]{22}$/;

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
}

/**
 * The keys of the access tokens (ES256). Each server makes its own, keeps the private half in memory alone and writes
 * the public half into SystemDB, where every other server finds it: no secret is at rest, and keys change every hour.
 */
@Injectable()
export class SigningKeys {
  private readonly known = new Map<string, KeyObject>();
  private own: Promise<SigningKey> | undefined;
  private signsUntilMs = 0;

  constructor(private readonly connections: Connections) {}

  /** The key to sign with now; its public half is already stored. */
  current(): Promise<SigningKey> {
    if (this.own === undefined || performance.now() > this.signsUntilMs) {
      this.signsUntilMs = performance.now() + SIGNS_FOR_MS;
      this.own = this.make().catch((error: unknown) => {
        this.own = undefined;
        throw error;
      });
    }
    return this.own;
  }

  /** @returns the public key with this id; null when no server has published one, or it is too old */
  async publicKey(kid: string): Promise<KeyObject | null> {
    const known = this.known.get(kid);
    if (known) return known;
    if (!KID.test(kid)) return null;
    const sql = 'SELECT public_key FROM access.signing_keys WHERE kid = $1 AND expires_at > now()';
    const { rows } = await this.connections.systemDb.query<{ public_key: string }>(sql, [kid]);
    return rows[0] ? this.remember(kid, createPublicKey(rows[0].public_key)) : null;
  }

  private async make(): Promise<SigningKey> {
    const kid = randomBytes(16).toString('base64url');
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const db = this.connections.systemDb;
    await db.query('DELETE FROM access.signing_keys WHERE expires_at < now()');
    await db.query(
      `INSERT INTO access.signing_keys (kid, public_key, expires_at)
       VALUES ($1, $2, now() + make_interval(secs => $3))`,
      [kid, publicKey.export({ type: 'spki', format: 'pem' }), (2 * SIGNS_FOR_MS) / 1_000],
    );
    this.remember(kid, publicKey);
    return { kid, privateKey };
  }

  private remember(kid: string, key: KeyObject): KeyObject {
    if (this.known.size >= MAX_KNOWN) this.known.clear();
    this.known.set(kid, key);
    return key;
  }
}
