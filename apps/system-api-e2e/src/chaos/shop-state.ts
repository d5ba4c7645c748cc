import type { Random } from '../support/random.js';
import { FIRST_ROWS, TABLES, type Table } from './shop.js';

/** One row change as the writer made it. */
export interface Change {
  readonly table: Table;
  readonly op: 'insert' | 'update' | 'delete';
  readonly key: number;
  /** The number that this change, and no other, wrote into its row; null for a delete. */
  readonly version: number | null;
}

export interface PlannedChange extends Change {
  readonly sql: string;
  readonly values: readonly unknown[];
  /** The key before, when the change moves the row. */
  readonly oldKey: number;
}

const WEIGHTS: readonly Table[] = [
  ...Array<Table>(8).fill('items'),
  ...Array<Table>(6).fill('parts'),
  ...Array<Table>(5).fill('order_lines'),
  ...Array<Table>(4).fill('orders'),
];
const CUSTOMER_SHARE = 0.002;

let lastVersion = 0;

/** The rows that one writer owns, so that writers never wait for each other; keys are never used twice. */
export class ShopState {
  private readonly live = new Map<Table, number[]>();
  private readonly nextKey = new Map<Table, number>();

  constructor(
    private readonly random: Random,
    private readonly share: { readonly writer: number; readonly writers: number },
  ) {
    const { writer, writers } = share;
    for (const table of TABLES) {
      const keys = Array.from({ length: FIRST_ROWS[table] }, (_, i) => i + 1).filter((key) => key % writers === writer);
      this.live.set(table, keys);
      this.nextKey.set(table, (Math.floor(FIRST_ROWS[table] / writers) + 1) * writers + writer);
    }
  }

  /** A change that is possible now; the caller says with {@link apply} when it has happened. */
  plan(): PlannedChange {
    if (this.random.chance(CUSTOMER_SHARE)) return this.update('customers');
    const table = this.random.pick(WEIGHTS);
    const dice = this.random.next();
    if (dice < 0.3) return this.insert(table);
    if (dice < 0.42) return this.delete(table);
    if (dice < 0.45 && (table === 'items' || table === 'parts')) return this.move(table);
    return this.update(table);
  }

  apply({ table, op, key, oldKey }: PlannedChange): void {
    const keys = this.keys(table);
    if (op === 'delete' || oldKey !== key) keys.splice(keys.indexOf(oldKey), 1);
    if (op === 'insert' || oldKey !== key) keys.push(key);
  }

  private insert(table: Table): PlannedChange {
    const key = this.fresh(table);
    const version = ++lastVersion;
    const columns = this.columns(table, true);
    const names = ['id', 'version', ...columns.map(([name]) => name)];
    const sql = `INSERT INTO public.${table} (${names.join(', ')}) VALUES (${names.map((_, i) => `$${i + 1}`).join(', ')})`;
    const values = [key, version, ...columns.map(([, value]) => value)];
    return { table, op: 'insert', key, oldKey: key, version, sql, values };
  }

  private update(table: Table): PlannedChange {
    const key = this.random.pick(this.keys(table));
    const version = ++lastVersion;
    const columns = this.columns(table, this.random.chance(0.1));
    const sets = ['version = $2', ...columns.map(([name], i) => `${name} = $${i + 3}`)];
    const sql = `UPDATE public.${table} SET ${sets.join(', ')} WHERE id = $1`;
    return {
      table,
      op: 'update',
      key,
      oldKey: key,
      version,
      sql,
      values: [key, version, ...columns.map(([, value]) => value)],
    };
  }

  /** The row keeps its large value, which PostgreSQL then does not resend (W13). */
  private move(table: Table): PlannedChange {
    const oldKey = this.random.pick(this.keys(table));
    const key = this.fresh(table);
    const version = ++lastVersion;
    const sql = `UPDATE public.${table} SET id = $1, version = $2 WHERE id = $3`;
    return { table, op: 'update', key, oldKey, version, sql, values: [key, version, oldKey] };
  }

  private delete(table: Table): PlannedChange {
    const key = this.random.pick(this.keys(table));
    const sql = `DELETE FROM public.${table} WHERE id = $1`;
    return { table, op: 'delete', key, oldKey: key, version: null, sql, values: [key] };
  }

  private columns(table: Table, withBig: boolean): readonly (readonly [string, unknown])[] {
    const { random } = this;
    switch (table) {
      case 'items':
      case 'parts':
        return [
          ['name', `${table} ${random.between(0, 1_000_000)} "ñ\\`],
          ['price', String(random.between(0, 10_000_000) / 1000)],
          ['at', new Date(random.between(0, 2_000_000_000_000)).toISOString()],
          ...(withBig ? [['big', 'y'.repeat(random.chance(0.2) ? random.between(2000, 9000) : 30)] as const] : []),
        ];
      case 'customers':
        return [['name', `customer ${random.between(0, 1_000_000)}`]];
      case 'orders':
        return [
          ['customer_id', random.between(1, FIRST_ROWS.customers)],
          ['note', `note ${random.between(0, 1_000_000)}`],
        ];
      case 'order_lines':
        return [
          ['order_id', random.between(1, FIRST_ROWS.orders)],
          ['amount', String(random.between(0, 100_000) / 100)],
        ];
    }
  }

  private fresh(table: Table): number {
    const key = this.nextKey.get(table) ?? 0;
    this.nextKey.set(table, key + this.share.writers);
    return key;
  }

  private keys(table: Table): number[] {
    return this.live.get(table) ?? [];
  }
}
