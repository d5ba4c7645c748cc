import { type Change, type ChangeOrigin, type Explanation, type Holding } from '@astro/contracts';
import { asSentence } from '../shared/as-sentence.js';
import { type Value } from './holding.js';

export interface Evidence {
  readonly source: Holding;
  readonly target: Holding;
  readonly differences: Explanation['differences'];
  /** The newest change of the key that is not applied; null: none is known. */
  readonly waiting: Change | null;
  /** The newest applied change. */
  readonly cause: Change | null;
  readonly dataSetStatus: Explanation['dataSetStatus'];
  readonly copying: boolean;
  /** The key waits with this error. */
  readonly setAside: Change['error'];
}

/** Fields in which the target is not what the source makes of the row; only what both sides show is compared. */
export function differencesOf(source: Value | null, target: Value | null): Explanation['differences'] {
  if (!source || !target) return [];
  return Object.keys(source).flatMap((field) => {
    if (JSON.stringify(source[field]) === JSON.stringify(target[field])) return [];
    return [{ field, source: source[field], target: target[field] }];
  });
}

export function verdictOf({ source, target, differences, waiting, setAside, copying, dataSetStatus }: Evidence) {
  if (setAside) return 'set_aside';
  if (source.state === 'unknown' || target.state === 'unknown') return 'unknown';
  if (source.state === 'absent' && target.state === 'absent') return 'absent';
  const isEqual = source.state === target.state && target.detail === null && differences.length === 0;
  if (isEqual) return 'equal';
  const isOnItsWay = waiting !== null || copying || dataSetStatus !== 'fresh';
  return isOnItsWay ? 'behind' : 'differs';
}

const NAMES: Readonly<Record<Holding['endpoint'], string>> = {
  operations: 'OperationsDB',
  cache: 'CacheDB',
  system: 'SystemDB',
};

/** The answer in words. */
export function sentenceOf(evidence: Evidence): string {
  return [holds(evidence), because(evidence), next(evidence)].filter(Boolean).join(' ');
}

function holds(evidence: Evidence): string {
  const { source, target, differences, setAside } = evidence;
  const [from, into] = [NAMES[source.endpoint], NAMES[target.endpoint]];
  switch (verdictOf(evidence)) {
    case 'set_aside':
      return asSentence(`The key is set aside: ${setAside?.message ?? 'it could not be written'}`);
    case 'unknown':
      return [source, target]
        .filter(({ state }) => state === 'unknown')
        .map(({ endpoint, detail }) => `What ${NAMES[endpoint]} holds is not known: ${detail ?? ''}`)
        .join(' ');
    case 'absent':
      return `Neither ${from} nor ${into} holds it.`;
    case 'equal':
      return `${into} holds what ${from} holds.`;
    case 'behind':
    case 'differs':
      return difference({ from, into }, evidence, differences);
  }
}

function difference(
  { from, into }: { from: string; into: string },
  { source, target }: Evidence,
  differences: Explanation['differences'],
): string {
  if (source.state === 'absent') return `${into} holds it, but ${from} does not.`;
  if (target.state === 'absent') return `${from} holds it, but ${into} does not.`;
  if (target.detail !== null) return `${into} holds something else: ${target.detail}`;
  const fields = differences.map(({ field }) => field).join(', ');
  return `${into} and ${from} differ in ${fields}.`;
}

function because(evidence: Evidence): string {
  const { cause } = evidence;
  if (!cause && verdictOf(evidence) === 'absent')
    return 'The ledger knows no change of it, so the key may be mistyped.';
  if (!cause) return 'The ledger knows no change of it: it came with a copy, or the change is older than the ledger.';
  const { op, origin, committedAt, executedAt } = cause;
  const verb = { insert: 'inserted', update: 'changed', delete: 'deleted', truncate: 'truncated', relation: 'altered' }[
    op
  ];
  const reason = origin.reason === null ? '' : ` (${origin.reason})`;
  const applied = executedAt === null ? '' : ` It was applied at ${executedAt}.`;
  return `Last ${verb} by ${whoOf(origin)} at ${committedAt}${reason}.${applied}`;
}

function whoOf(origin: ChangeOrigin): string {
  if (origin.unattributed) {
    const seen = [origin.observedRole && `role ${origin.observedRole}`, origin.observedApplication].filter(Boolean);
    return seen.length > 0 ? `somebody unattributed (${seen.join(', ')})` : 'somebody unattributed';
  }
  const who = [origin.user, origin.service && `via ${origin.service}`].filter(Boolean).join(' ');
  return [who || 'somebody', origin.action].filter(Boolean).join(' · ');
}

function next(evidence: Evidence): string {
  const { waiting, copying, dataSetStatus } = evidence;
  if (waiting) return `A change by ${whoOf(waiting.origin)} of ${waiting.committedAt} waits to be applied.`;
  if (evidence.setAside) return 'It is tried again every minute, and when its row changes.';
  if (verdictOf(evidence) === 'differs') return 'No change is on its way: verify or repair the data set.';
  if (copying) return 'The data set is being copied.';
  return dataSetStatus === 'fresh' ? '' : `The data set is ${dataSetStatus.replace('_', ' ')}.`;
}
