import { type ChangeOrigin, type Initiator, type RunInitiator } from '@astro/contracts';

/** Who caused a change or an act: what the application asserted, and what the server observed. */
export interface OriginFacts {
  readonly kind: 'user' | 'service' | 'system' | 'schedule' | 'api_key' | 'anonymous' | 'unattributed';
  readonly user?: string | null | undefined;
  readonly service?: string | null | undefined;
  readonly action?: string | null | undefined;
  readonly reason?: string | null | undefined;
  readonly correlationId?: string | null | undefined;
  readonly requestId?: string | null | undefined;
  /** Observed: the database role, the application name of the connection, where it came from. */
  readonly databaseRole?: string | null | undefined;
  readonly applicationName?: string | null | undefined;
  readonly address?: string | null | undefined;
  /** ISO 8601. */
  readonly at?: string | null | undefined;
  readonly runId?: string | null | undefined;
}

const UUID = /^([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** For places with little room: of a user who is a UUID only its beginning, so that service and action are seen too. */
export function shortOriginWords(origin: OriginFacts): string {
  const start = UUID.exec(origin.user ?? '')?.[1];
  return originWords(start === undefined ? origin : { ...origin, user: `${start}…` });
}

/** The short text of an origin. Never empty. */
export function originWords({ kind, user, service, action, databaseRole, applicationName }: OriginFacts): string {
  if (kind === 'unattributed') {
    const seen = [databaseRole && `role ${databaseRole}`, applicationName].filter(Boolean).join(', ');
    return seen ? `unattributed: ${seen}` : 'unattributed';
  }
  const who = user && service ? `${user} via ${service}` : (user ?? service ?? kind.replace('_', ' '));
  return action ? `${who} · ${action}` : who;
}

/** The origin of a change in the ledger. @param at when the source committed it; ISO 8601 */
export function originOfChange(origin: ChangeOrigin, at?: string): OriginFacts {
  const { service, user, action, reason, correlationId } = origin;
  const said = user ? 'user' : 'service';
  return {
    kind: origin.unattributed ? 'unattributed' : said,
    service,
    user,
    action,
    reason,
    correlationId,
    databaseRole: origin.observedRole,
    applicationName: origin.observedApplication,
    address: origin.observedAddress,
    at,
  };
}

/** The origin of a run or of an audited act. */
export function originOfInitiator(
  { kind, name }: Initiator | RunInitiator,
  more: Partial<OriginFacts> = {},
): OriginFacts {
  return { kind, user: name, ...more };
}
