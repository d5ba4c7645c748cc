import { type Change, type ChangeDetail, type ChangeList, type ChangeOrigin } from '@astro/contracts';

const ORIGIN: ChangeOrigin = {
  service: 'billing-api',
  user: 'ana',
  action: 'price-update',
  reason: null,
  correlationId: 'order-17',
  observedRole: 'app_rw',
  observedApplication: 'billing',
  observedAddress: '10.0.0.7',
  unattributed: false,
};

/** A change that nobody claimed. */
export const UNATTRIBUTED: ChangeOrigin = {
  ...ORIGIN,
  service: null,
  user: null,
  action: null,
  correlationId: null,
  observedApplication: 'psql',
  unattributed: true,
};

/** An applied update of one launch, as the API tells about it. */
export function aChange(more: Partial<Change> = {}): Change {
  return {
    id: '900',
    dataSet: 'launches',
    jobType: 'realtime',
    entityType: 'public.launches',
    entityId: '4711',
    op: 'update',
    status: 'completed',
    committedAt: '2026-11-22T09:59:58.000Z',
    createdAt: '2026-11-22T09:59:58.100Z',
    executedAt: '2026-11-22T09:59:58.200Z',
    changedFields: ['price'],
    origin: ORIGIN,
    commitLsn: '16/B374D848',
    seq: 2,
    error: null,
    ...more,
  };
}

export function aChangeDetail(more: Partial<ChangeDetail> = {}): ChangeDetail {
  return {
    ...aChange(),
    oldKey: null,
    before: { id: 4711, price: '12.50' },
    after: { id: 4711, price: '13.00' },
    unchanged: [],
    fields: [
      { name: 'id', before: 4711, after: 4711, kind: 'same' },
      { name: 'price', before: '12.50', after: '13.00', kind: 'changed' },
    ],
    transaction: { xid: '771', changes: 1, history: null },
    asOf: '2026-11-22T10:00:00.000Z',
    ...more,
  };
}

export function changeListOf(items: Change[], more: Partial<ChangeList> = {}): ChangeList {
  return {
    items,
    nextCursor: null,
    newest: items[0]?.id ?? null,
    searchedUntil: null,
    skipped: false,
    asOf: '2026-11-22T10:00:00.000Z',
    ...more,
  };
}
