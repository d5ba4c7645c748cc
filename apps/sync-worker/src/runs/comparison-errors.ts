import type { Difference, NotChecked } from '@astro/apply';
import { KEPT_ERRORS, type ErrorCount, type NewRunError } from '@astro/runs';
import { tableName } from '@astro/sync-core';

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

/**
 * Gathers what a comparison of one part finds, as a run lists it. No more is gathered than a run keeps: a part of which
 * nothing is right, such as a table that only the target has, must not fill the memory.
 */
export class FoundErrors {
  readonly list: NewRunError[] = [];
  private readonly counts = new Map<string, ErrorCount>();

  /** Rows beyond those of the list, by cause. */
  get more(): readonly ErrorCount[] {
    return [...this.counts.values()];
  }

  addDifference({ kind, table, key, fields }: Difference): void {
    const row = { kind, entityType: tableName(table), entityId: key, code: kind.toUpperCase(), advice: ADVICE[kind] };
    const told = fields.slice(0, FIELDS_OF_ONE_ROW).map(({ field, source, target }) => {
      const message = `The source has ${shown(source)}, the target ${shown(target)}.`;
      return { ...row, field, message };
    });
    const whole: NewRunError = { ...row, field: null, message: MESSAGES[kind] };
    this.add(told.length > 0 ? told : [whole], whole);
  }

  addNotChecked({ table, key, reason, message }: NotChecked): void {
    const row: NewRunError = {
      ...{ kind: 'failed', entityType: tableName(table), entityId: key, field: null, message },
      code: `NOT_CHECKED_${reason.toUpperCase()}`,
      advice: 'Nothing is known about this row: verify again when its cause is gone.',
    };
    this.add([row], row);
  }

  private add(told: readonly NewRunError[], { entityId: _one, field: _whole, ...cause }: NewRunError): void {
    if (this.list.length + told.length <= KEPT_ERRORS) {
      this.list.push(...told);
      return;
    }
    const name = JSON.stringify([cause.kind, cause.code, cause.entityType]);
    this.counts.set(name, { ...cause, rows: (this.counts.get(name)?.rows ?? 0) + 1 });
  }
}

function shown(value: string | null): string {
  return value === null ? 'no such field' : value;
}
