/**
 * What a transaction could see, as `pg_current_snapshot()` prints it: `xmin:xmax:xip,xip,…`.
 * A transaction is visible when it ended before `xmax` and is not listed as in progress.
 */
export interface Snapshot {
  readonly xmin: bigint;
  readonly xmax: bigint;
  readonly inProgress: ReadonlySet<bigint>;
}

export function parseSnapshot(text: string): Snapshot {
  const [xmin, xmax, inProgress] = text.split(':');
  if (!xmin || !xmax) throw new Error(`"${text}" is not a snapshot`);
  return {
    xmin: BigInt(xmin),
    xmax: BigInt(xmax),
    inProgress: new Set(inProgress ? inProgress.split(',').map(BigInt) : []),
  };
}

/**
 * True when the committed transaction `xid` is visible in the snapshot.
 * The stream gives 32 bits of a 64-bit id; the missing half is the one that puts it nearest to `xmax`, which is
 * right for every transaction within 2^31 of the snapshot, and PostgreSQL keeps none further apart alive.
 */
export function isVisible(snapshot: Snapshot, xid: number): boolean {
  const distance = BigInt.asIntN(32, snapshot.xmax - BigInt(xid));
  const fullXid = snapshot.xmax - distance;
  return fullXid < snapshot.xmax && !snapshot.inProgress.has(fullXid);
}
