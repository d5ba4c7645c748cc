import { type RunMode, type RunState } from '@astro/contracts';
import { lookOf } from '@astro/web-ui';
import { MODE_WORDS } from '../../features/runs/run-words.js';
import { type ListRunsData } from '../../generated/index.js';
import { isoOfInstant } from '../../shared/instants.js';

/** The search params of the list, see `search.ts`. */
export interface RunsSearch {
  readonly state: RunState[];
  readonly mode?: RunMode | undefined;
  readonly dataSet?: string | undefined;
  readonly initiator?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly endedFrom?: string | undefined;
  readonly endedTo?: string | undefined;
  readonly limit: 25 | 50 | 100;
  readonly cursor?: string | undefined;
}

/** A list without any filter. */
export const NO_FILTERS = {
  state: [],
  mode: undefined,
  dataSet: undefined,
  initiator: undefined,
  from: undefined,
  to: undefined,
  endedFrom: undefined,
  endedTo: undefined,
  cursor: undefined,
} satisfies Partial<RunsSearch>;

/** The question to the API. Relative instants are told as absolute ones. */
export function runQueryOf(search: RunsSearch, nowMs: number): NonNullable<ListRunsData['query']> {
  const { state, mode, dataSet, initiator, limit, cursor } = search;
  return {
    limit,
    ...(state.length > 0 && { state: [...state] }),
    ...(mode !== undefined && { mode }),
    ...(dataSet !== undefined && { dataSet }),
    ...(initiator !== undefined && { initiator }),
    ...instantsOf(search, nowMs),
    ...(cursor !== undefined && { cursor }),
  };
}

const INSTANTS = ['from', 'to', 'endedFrom', 'endedTo'] as const;

function instantsOf(search: RunsSearch, nowMs: number): Partial<Record<(typeof INSTANTS)[number], string>> {
  const given = INSTANTS.flatMap((name) => {
    const instant = search[name];
    return instant === undefined ? [] : [[name, isoOfInstant(instant, nowMs)] as const];
  });
  return Object.fromEntries(given);
}

/** One filter that is on: its words, and the search without it. */
export interface ActiveFilter {
  readonly id: string;
  readonly label: string;
  readonly without: Partial<RunsSearch>;
}

/** @param me the id of the person, who is named "me" */
export function activeFilters(search: RunsSearch, me: string): readonly ActiveFilter[] {
  const { state, mode, dataSet, initiator, from, to, endedFrom, endedTo } = search;
  const states = state.map((one) => ({
    id: `state:${one}`,
    label: `Status: ${lookOf('run', one).word}`,
    without: { state: state.filter((other) => other !== one) },
  }));
  return [
    ...states,
    ...one('mode', mode && `Mode: ${MODE_WORDS[mode].name}`),
    ...one('dataSet', dataSet && `Data set: ${dataSet}`),
    ...one('initiator', initiator && `Started by: ${initiatorWords(initiator, me)}`),
    ...one('from', from && `From: ${from}`),
    ...one('to', to && `To: ${to}`),
    ...one('endedFrom', endedFrom && `Ended from: ${endedFrom}`),
    ...one('endedTo', endedTo && `Ended before: ${endedTo}`),
  ];
}

function one(id: keyof typeof NO_FILTERS, label: string | undefined): readonly ActiveFilter[] {
  return label ? [{ id, label, without: { [id]: undefined } }] : [];
}

/** Who started a run, as the filter names them. */
export function initiatorWords(initiator: string, me: string): string {
  if (initiator === me) return 'me';
  return initiator === 'schedule' ? 'schedules' : initiator;
}
