import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What keeps things from happening twice: a key of a request knows what its act has started, and a refresh token knows
 * the token that it came from.
 */
export class DoneOnce1790000500000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    for (const statement of [IDEMPOTENCY, REFRESH_TOKENS]) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE access.refresh_tokens DROP COLUMN parent_hash`);
    await db.query(`ALTER TABLE access.idempotency_keys DROP COLUMN done_id`);
  }
}

const IDEMPOTENCY = `
ALTER TABLE access.idempotency_keys ADD COLUMN done_id text;
COMMENT ON COLUMN access.idempotency_keys.done_id IS
  'id of what the request has started, written in the transaction that started it; null until then';`;

const REFRESH_TOKENS = `
ALTER TABLE access.refresh_tokens ADD COLUMN parent_hash bytea;
CREATE INDEX refresh_tokens_parent_idx ON access.refresh_tokens (parent_hash) WHERE parent_hash IS NOT NULL;
COMMENT ON COLUMN access.refresh_tokens.parent_hash IS 'the token that was used to get this one; null at the sign-in';`;
