import { escapeIdentifier } from 'pg';

/**
 * The rights of the worker's role in SystemDB. It has no business with people and their sessions; the audit trail it may
 * only add to.
 * @returns statements for the owner, to be run after the migrations; they bear being run again
 */
export function workerGrants(name: string): readonly string[] {
  const role = escapeIdentifier(name);
  return [
    `GRANT USAGE ON SCHEMA sync, public TO ${role}`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA sync TO ${role}`,
    `GRANT USAGE ON ALL SEQUENCES IN SCHEMA sync TO ${role}`,
    `GRANT SELECT ON public.job_queue, public.sync_health TO ${role}`,
    // Rights by default may have given more.
    `REVOKE ALL ON ALL TABLES IN SCHEMA access FROM ${role}`,
    `REVOKE ALL ON SCHEMA access FROM ${role}`,
    `REVOKE ALL ON public.users, public.entry_log FROM ${role}`,
    `GRANT INSERT ON public.entry_log TO ${role}`,
  ];
}

/**
 * The rights of the API's role in SystemDB. Nobody is removed for good, and what is in the audit trail stays as it is.
 * @returns statements for the owner, to be run after the migrations and after those of {@link workerGrants}
 */
export function apiGrants(name: string): readonly string[] {
  const role = escapeIdentifier(name);
  return [
    `GRANT USAGE ON SCHEMA sync, public, access TO ${role}`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA sync TO ${role}`,
    `GRANT INSERT, UPDATE ON sync.runs, sync.run_items TO ${role}`,
    `GRANT UPDATE ON sync.schedules TO ${role}`,
    `GRANT SELECT ON public.job_queue, public.sync_health TO ${role}`,
    // Rights by default may have given more.
    `REVOKE ALL ON public.users, public.entry_log FROM ${role}`,
    `REVOKE ALL ON ALL TABLES IN SCHEMA access FROM ${role}`,
    `GRANT SELECT, INSERT, UPDATE ON public.users, access.api_keys TO ${role}`,
    `GRANT SELECT, INSERT ON public.entry_log TO ${role}`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON access.sessions, access.refresh_tokens, access.sign_in_failures,
       access.signing_keys, access.idempotency_keys TO ${role}`,
  ];
}
