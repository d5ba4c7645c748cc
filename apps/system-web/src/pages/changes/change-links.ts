import { type Change, type Me } from '@astro/contracts';
import { hrefOf } from '../../shared/href.js';

type KeyOfChange = Pick<Change, 'dataSet' | 'entityType' | 'entityId'>;

/** Everything that the ledger knows of the key. */
export function historyHref({ dataSet, entityType, entityId }: KeyOfChange): string {
  return hrefOf('/changes', { dataSet, table: entityType, key: entityId });
}

/** Why the value is what it is. */
export function explainHref({ dataSet, entityType, entityId }: KeyOfChange): string {
  return hrefOf('/explain', { dataSet, table: entityType, key: entityId });
}

/** A change of a whole table has no key. */
export function hasKey({ op }: Pick<Change, 'op'>): boolean {
  return op !== 'truncate' && op !== 'relation';
}

/** The links of an origin's card; the audit trail only for those who may read it. */
export function originLinks(change: Change, role: Me['role']) {
  const { correlationId } = change.origin;
  const readsAudit = role === 'auditor' || role === 'admin';
  return {
    ...(hasKey(change) && { explain: explainHref(change) }),
    ...(readsAudit && correlationId !== null && { audit: hrefOf('/audit', { correlationId }) }),
  };
}
