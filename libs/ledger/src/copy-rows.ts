import type { SlabWriter } from '@astro/runtime';
import { type EncodedChanges, type LedgerChange, type Lsn, type TransactionRows } from '@astro/sync-core';
import { changeContext, writeChangeLine, type ChangeContext, type CreatedAt } from './copy-format.js';

/** Turns the changes of one transaction into COPY lines as they arrive. See {@link TransactionRows}. */
export class CopyRows implements TransactionRows {
  readonly createdAt: string;
  private readonly context: ChangeContext;
  private tableIds: number[] = [];

  constructor(
    private readonly slabs: SlabWriter,
    private readonly commitLsn: Lsn,
    { xid, createdAt }: { readonly xid: number; readonly createdAt: CreatedAt },
  ) {
    this.createdAt = createdAt.text;
    this.context = changeContext(commitLsn, xid, createdAt);
  }

  add(change: LedgerChange): void {
    if (!this.tableIds.includes(change.tableId)) this.tableIds.push(change.tableId);
    writeChangeLine(this.slabs, change, this.context);
  }

  get bytes(): number {
    return this.slabs.length;
  }

  take(): EncodedChanges {
    const { commitLsn, tableIds } = this;
    this.tableIds = [];
    const { memory, start, end } = this.slabs.takePiece();
    return { commitLsn, memory, start, end, tableIds };
  }
}
