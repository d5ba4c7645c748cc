import { type Change, type ChangeOp, type ChangeOrigin } from '@astro/contracts';
import { changedNames, parseImage } from './changed-fields.js';

/** A ledger row with all that {@link CHANGE_COLUMNS} selects. */
export interface ChangeRow {
  readonly id: string;
  readonly lane_id: number;
  readonly data_set: string;
  readonly job_type: 'realtime' | 'batch';
  readonly entity_type: string;
  readonly key: string;
  readonly old_key: string | null;
  readonly op: string;
  readonly status: Change['status'];
  readonly committed_at: Date;
  readonly created_at: Date;
  readonly executed_at: Date | null;
  readonly before: string | null;
  readonly after: string | null;
  readonly unchanged: string | null;
  readonly service: string | null;
  readonly user: string | null;
  readonly action: string | null;
  readonly reason: string | null;
  readonly correlation_id: string | null;
  readonly observed_role: string | null;
  readonly observed_application: string | null;
  readonly observed_address: string | null;
  readonly unattributed: boolean;
  readonly commit_lsn: string;
  readonly seq: number;
  readonly error_code: string | null;
  readonly error_message: string | null;
}

const OPS: Readonly<Record<string, ChangeOp>> = {
  i: 'insert',
  u: 'update',
  d: 'delete',
  t: 'truncate',
  r: 'relation',
};

/** The letter that the ledger stores for an operation. */
export const OP_LETTERS: Readonly<Record<ChangeOp, string>> = {
  insert: 'i',
  update: 'u',
  delete: 'd',
  truncate: 't',
  relation: 'r',
};

export function toChange(row: ChangeRow): Change {
  const op = OPS[row.op] ?? 'relation';
  const images = { op, before: parseImage(row.before), after: parseImage(row.after), unchanged: unchangedOf(row) };
  return {
    id: row.id,
    dataSet: row.data_set,
    jobType: row.job_type,
    entityType: row.entity_type,
    entityId: row.key,
    op,
    status: row.status,
    committedAt: row.committed_at.toISOString(),
    createdAt: row.created_at.toISOString(),
    executedAt: row.status === 'pending' ? null : (row.executed_at?.toISOString() ?? null),
    changedFields: changedNames(images),
    origin: originOf(row),
    commitLsn: row.commit_lsn,
    seq: row.seq,
    error: row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' },
  };
}

export function unchangedOf({ unchanged }: ChangeRow): readonly string[] {
  return unchanged === null ? [] : (JSON.parse(unchanged) as string[]);
}

function originOf(row: ChangeRow): ChangeOrigin {
  return {
    service: row.service,
    user: row.user,
    action: row.action,
    reason: row.reason,
    correlationId: row.correlation_id,
    observedRole: row.observed_role,
    observedApplication: row.observed_application,
    observedAddress: row.observed_address,
    unattributed: row.unattributed,
  };
}
