import type { Difference, NotChecked } from '@astro/apply';
import type { NewRunError } from '@astro/runs';
import { tableName } from '@astro/sync-core';

/** Of one part; the others are told as rows, without their fields. */
const DETAILED = 10_000;
const FIELDS_OF_ONE_ROW = 20;

const ADVICE = {
  missing: 'Repair the data set, or run a full synchronization: the row is written then.',
  extra: 'Repair the data set, or run a full synchronization: the row is removed then.',
  different: 'Repair the data set to write what the source holds; find out who else writes to the target.',
} as const;

const MESSAGES = {
  missing: 'The target has no such row.',
  extra: 'The source has no such row.',
  different: 'The row is not the same on both sides.',
} as const;

/** Gathers what a comparison of one part finds, as a run lists it. */
export class FoundErrors {
  readonly list: NewRunError[] = [];

  addDifference({ kind, table, key, fields }: Difference): void {
    const row = { kind, entityType: tableName(table), entityId: key, code: kind.toUpperCase(), advice: ADVICE[kind] };
    const told = this.list.length < DETAILED ? fields.slice(0, FIELDS_OF_ONE_ROW) : [];
    if (told.length === 0) this.list.push({ ...row, field: null, message: MESSAGES[kind] });
    for (const { field, source, target } of told) {
      const message = `The source has ${shown(source)}, the target ${shown(target)}.`;
      this.list.push({ ...row, field, message });
    }
  }

  addNotChecked({ table, key, reason, message }: NotChecked): void {
    this.list.push({
      ...{ kind: 'failed', entityType: tableName(table), entityId: key, field: null, message },
      code: `NOT_CHECKED_${reason.toUpperCase()}`,
      advice: 'Nothing is known about this row: verify again when its cause is gone.',
    });
  }
}

function shown(value: string | null): string {
  return value === null ? 'no such field' : value;
}
