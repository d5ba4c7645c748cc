import { type AttentionItem, type Component, type Overview, type Severity, type VerdictPart } from '@astro/contracts';
import { type KnownDataSet } from '../data-sets/data-sets.service.js';

/** A run that did not end well and was not followed by one that did. */
export interface TroubledRun {
  readonly id: string;
  readonly mode: string;
  readonly state: string;
  readonly reason: string | null;
  readonly dataSets: readonly string[];
  readonly finishedAt: string | null;
}

export interface OverviewFacts {
  readonly dataSets: readonly KnownDataSet[];
  /** What the workers and the API say of their parts. */
  readonly components: readonly Component[];
  readonly troubledRuns: readonly TroubledRun[];
  readonly unattributed: Overview['unattributed'];
}

const RANK: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

const STATUS_SEVERITY: Readonly<Partial<Record<KnownDataSet['status'], Severity>>> = {
  needs_resync: 'critical',
  stalled: 'critical',
  late: 'warning',
  unknown: 'warning',
};

/** What a person should look at: worst first, then oldest, then by title so that lines do not jump. */
export function needsAttention(facts: OverviewFacts): AttentionItem[] {
  const items = [
    ...facts.dataSets.flatMap(dataSetItems),
    ...groupedUnknown(facts.dataSets),
    ...componentItems(facts.components),
    ...facts.troubledRuns.map(runItem),
    ...unattributedItems(facts.unattributed),
  ];
  const time = ({ since }: AttentionItem) => (since === null ? Infinity : Date.parse(since));
  return items.sort(
    (a, b) => RANK[a.severity] - RANK[b.severity] || time(a) - time(b) || a.title.localeCompare(b.title),
  );
}

function dataSetItems(dataSet: KnownDataSet): AttentionItem[] {
  const { name, status, statusReason, statusSince, setAsideKeys, copying } = dataSet;
  const link = `/data-sets/${encodeURIComponent(name)}`;
  const items: AttentionItem[] = [];
  const severity = STATUS_SEVERITY[status];
  if (severity && status !== 'unknown') {
    const title = `${name} ${STATUS_WORDS[status] ?? status}`;
    const since = status === 'needs_resync' || copying ? statusSince : sinceLag(dataSet);
    items.push({
      id: `data_set:${name}`,
      severity,
      kind: 'data_set',
      title,
      detail: statusReason,
      count: 1,
      since,
      link,
    });
  }
  if (setAsideKeys > 0) {
    const isOne = setAsideKeys === 1;
    const title = `${name}: ${setAsideKeys} ${isOne ? 'key is' : 'keys are'} set aside`;
    const detail = isOne
      ? 'It could not be written and waits with its error.'
      : 'They could not be written and wait with their errors.';
    const id = `set_aside:${name}`;
    items.push({ id, severity: 'warning', kind: 'set_aside', title, detail, count: setAsideKeys, since: null, link });
  }
  return items;
}

const STATUS_WORDS: Readonly<Partial<Record<KnownDataSet['status'], string>>> = {
  needs_resync: 'needs a new copy',
  stalled: 'does not move',
  late: 'is late',
};

function sinceLag({ lagSeconds, captured }: KnownDataSet): string | null {
  if (lagSeconds === null || captured.at === null) return null;
  return new Date(Date.now() - lagSeconds * 1000).toISOString();
}

/** One cause, one line: a worker that is away makes all of its data sets unknown. */
function groupedUnknown(dataSets: readonly KnownDataSet[]): AttentionItem[] {
  const unknown = dataSets.filter(({ status }) => status === 'unknown');
  const [first] = unknown;
  if (!first) return [];
  const names = unknown.map(({ name }) => name);
  const title = unknown.length === 1 ? `${first.name} is unknown` : `${unknown.length} data sets are unknown`;
  const reported = unknown.flatMap(({ reportedAt }) => reportedAt ?? []).sort();
  return [
    {
      id: 'data_set:unknown',
      severity: 'critical',
      kind: 'data_set',
      title,
      detail: `${first.statusReason} Affected: ${names.join(', ')}. Check that sync-worker runs.`,
      count: unknown.length,
      since: reported[0] ?? null,
      link: unknown.length === 1 ? `/data-sets/${encodeURIComponent(first.name)}` : '/data-sets?status=unknown',
    },
  ];
}

/** Parts that are data sets have lines of their own. */
function componentItems(components: readonly Component[]): AttentionItem[] {
  const broken = components.filter(({ healthy, name }) => !healthy && !name.startsWith('data set '));
  return broken.map(({ name, detail }) => ({
    id: `component:${name}`,
    severity: 'critical',
    kind: 'component',
    title: `${name} is not healthy`,
    detail,
    count: 1,
    since: null,
    link: '/data-sets',
  }));
}

const RUN_WORDS: Readonly<Record<string, string>> = {
  failed: 'failed',
  stopped_by_guard: 'was stopped by a guard',
  succeeded_with_leftovers: 'left rows behind',
};

function runItem({ id, mode, state, reason, dataSets, finishedAt }: TroubledRun): AttentionItem {
  return {
    id: `run:${id}`,
    severity: state === 'succeeded_with_leftovers' ? 'warning' : 'critical',
    kind: 'run',
    title: `Run ${id} ${RUN_WORDS[state] ?? state}`,
    detail: reason ?? `${mode} of ${dataSets.join(', ')}`,
    count: 1,
    since: finishedAt,
    link: `/runs/${id}`,
  };
}

function unattributedItems({ changes, exact, since }: Overview['unattributed']): AttentionItem[] {
  if (changes === 0) return [];
  const title = `${exact ? '' : 'At least '}${changes} ${changes === 1 ? 'change' : 'changes'} nobody claimed`;
  const detail = 'A service may have lost the settings by which it says who it is.';
  const link = `/changes?unattributed=true&from=${encodeURIComponent(since)}`;
  return [
    { id: 'unattributed', severity: 'info', kind: 'unattributed', title, detail, count: changes, since: null, link },
  ];
}

/** The first line of the first screen: is anything wrong? */
export function verdictOf(dataSets: readonly KnownDataSet[], items: readonly AttentionItem[]): Overview['verdict'] {
  const urgent = items.filter(({ severity }) => severity !== 'info');
  if (dataSets.length === 0) return { tone: 'unknown', parts: [said('No data set is declared yet.')] };
  if (urgent.length > 0) {
    const tone = urgent.some(({ severity }) => severity === 'critical') ? 'bad' : 'warning';
    const opening = said(urgent.length === 1 ? '1 thing needs you: ' : `${urgent.length} things need you: `);
    const named = urgent
      .slice(0, NAMED)
      .flatMap(({ title, link }, index): VerdictPart[] => [...(index > 0 ? [said(', ')] : []), { text: title, link }]);
    const more = urgent.length > NAMED ? [said(` and ${urgent.length - NAMED} more`)] : [];
    return { tone, parts: [opening, ...named, ...more] };
  }
  return { tone: 'good', parts: quiet(dataSets) };
}

const NAMED = 3;

function quiet(dataSets: readonly KnownDataSet[]): VerdictPart[] {
  const count = (status: KnownDataSet['status']) => dataSets.filter((dataSet) => dataSet.status === status).length;
  const fresh = count('fresh');
  const all = fresh === dataSets.length;
  const freshText = all ? `All ${fresh} data sets are fresh` : `${fresh} of ${dataSets.length} data sets are fresh`;
  const others = (['paused', 'never_synced'] as const).flatMap((status): VerdictPart[] => {
    const number = count(status);
    if (number === 0) return [];
    const words = status === 'paused' ? 'paused' : 'waiting for the first copy';
    return [said(', '), { text: `${number} ${words}`, link: `/data-sets?status=${status}` }];
  });
  return [{ text: freshText, link: all ? '/data-sets' : '/data-sets?status=fresh' }, ...others, said('.')];
}

function said(text: string): VerdictPart {
  return { text, link: null };
}
