import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * People, their sessions, API keys and the audit trail. What only the API may read stands in a schema of its own, on
 * which the worker has no rights. Secrets are stored as hashes; of signing keys only the public half is stored.
 */
export class Access1790000200000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    for (const statement of [USERS, SESSIONS, API_KEYS, SIGN_IN_FAILURES, SIGNING_KEYS, IDEMPOTENCY, ENTRY_LOG]) {
      await db.query(statement);
    }
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`DROP SCHEMA access CASCADE; DROP TABLE public.users, public.entry_log`);
    await db.query(`DROP FUNCTION public.entry_log_is_append_only()`);
  }
}

const USERS = `
CREATE SCHEMA access;

CREATE TABLE public.users (
  id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT users_pk PRIMARY KEY,
  email text NOT NULL,
  password_hash text NOT NULL,
  name text NOT NULL,
  role text NOT NULL CONSTRAINT users_role CHECK (role IN ('viewer', 'operator', 'auditor', 'admin')),
  preferences jsonb NOT NULL DEFAULT '{}',
  must_change_password boolean NOT NULL DEFAULT false,
  disabled_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  password_changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_email_unique ON public.users (lower(email));
COMMENT ON COLUMN public.users.password_hash IS 'argon2id, with its parameters';`;

const SESSIONS = `
CREATE TABLE access.sessions (
  id uuid CONSTRAINT sessions_pk PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id bigint NOT NULL CONSTRAINT sessions_user_fk REFERENCES public.users (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz NOT NULL DEFAULT now(),
  idle_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  end_reason text CONSTRAINT sessions_end_reason
    CHECK (end_reason IN ('signed_out', 'ended_by_user', 'ended_by_admin', 'disabled', 'password_changed', 'token_reused')),
  user_agent text,
  address text,
  CONSTRAINT sessions_end CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX sessions_user_idx ON access.sessions (user_id, created_at);
CREATE INDEX sessions_expiry_idx ON access.sessions (expires_at);
COMMENT ON COLUMN access.sessions.idle_at IS 'the session ends then, unless it is used before';

CREATE TABLE access.refresh_tokens (
  hash bytea CONSTRAINT refresh_tokens_pk PRIMARY KEY,
  session_id uuid NOT NULL CONSTRAINT refresh_tokens_session_fk REFERENCES access.sessions (id) ON DELETE CASCADE,
  issued_at timestamptz NOT NULL DEFAULT now(),
  used_at timestamptz
);
CREATE INDEX refresh_tokens_session_idx ON access.refresh_tokens (session_id);
COMMENT ON TABLE access.refresh_tokens IS
  'each is used once; one that is used again, later than a parallel request would, ends its session';`;

const API_KEYS = `
CREATE TABLE access.api_keys (
  id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT api_keys_pk PRIMARY KEY,
  name text NOT NULL,
  prefix text NOT NULL CONSTRAINT api_keys_prefix_unique UNIQUE,
  key_hash bytea NOT NULL,
  scopes text[] NOT NULL CONSTRAINT api_keys_scopes
    CHECK (cardinality(scopes) > 0 AND scopes <@ ARRAY['read', 'sync', 'audit', 'metrics']),
  created_by bigint NOT NULL CONSTRAINT api_keys_user_fk REFERENCES public.users (id),
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  last_used_at timestamptz,
  last_used_address text,
  revoked_at timestamptz
);
COMMENT ON COLUMN access.api_keys.key_hash IS 'SHA-256 of the whole key, which is 256 random bits';`;

const SIGN_IN_FAILURES = `
CREATE TABLE access.sign_in_failures (
  subject text CONSTRAINT sign_in_failures_pk PRIMARY KEY,
  failures integer NOT NULL,
  last_at timestamptz NOT NULL DEFAULT now(),
  blocked_until timestamptz NOT NULL DEFAULT '-infinity'
);
CREATE INDEX sign_in_failures_last_idx ON access.sign_in_failures (last_at);
COMMENT ON COLUMN access.sign_in_failures.subject IS
  'an account, a source address, or both together; accounts as a hash, because people type passwords there';`;

const SIGNING_KEYS = `
CREATE TABLE access.signing_keys (
  kid text CONSTRAINT signing_keys_pk PRIMARY KEY,
  public_key text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);
COMMENT ON TABLE access.signing_keys IS
  'public halves of the keys that sign access tokens; the private ones never leave the memory of their server';`;

const IDEMPOTENCY = `
CREATE TABLE access.idempotency_keys (
  caller text NOT NULL,
  key text NOT NULL,
  operation text NOT NULL,
  body_hash bytea NOT NULL,
  status integer,
  answer json,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT idempotency_keys_pk PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_keys_created_idx ON access.idempotency_keys (created_at);
COMMENT ON COLUMN access.idempotency_keys.status IS 'HTTP status of the answer; null while the first request runs';`;

const ENTRY_LOG = `
CREATE TABLE public.entry_log (
  id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT entry_log_pk PRIMARY KEY,
  entity_type text NOT NULL,
  entity_id text,
  action text NOT NULL,
  "timestamp" timestamptz NOT NULL DEFAULT clock_timestamp(),
  details jsonb NOT NULL DEFAULT '{}',
  initiator_kind text NOT NULL CONSTRAINT entry_log_initiator
    CHECK (initiator_kind IN ('user', 'api_key', 'schedule', 'system', 'anonymous')),
  initiator_id text,
  initiator_name text NOT NULL,
  service text NOT NULL,
  result text NOT NULL CONSTRAINT entry_log_result CHECK (result IN ('succeeded', 'refused', 'failed')),
  address text,
  request_id text,
  correlation_id text
);
CREATE INDEX entry_log_timestamp_idx ON public.entry_log ("timestamp");
CREATE INDEX entry_log_entity_idx ON public.entry_log (entity_type, entity_id, id);
CREATE INDEX entry_log_action_idx ON public.entry_log (action text_pattern_ops, id);
CREATE INDEX entry_log_initiator_idx ON public.entry_log (initiator_id, id);
CREATE INDEX entry_log_correlation_idx ON public.entry_log (correlation_id, id) WHERE correlation_id IS NOT NULL;

CREATE FUNCTION public.entry_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'entry_log is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER entry_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON public.entry_log
  FOR EACH STATEMENT EXECUTE FUNCTION public.entry_log_is_append_only();`;
