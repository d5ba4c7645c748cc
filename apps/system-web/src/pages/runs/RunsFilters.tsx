import { RUN_MODES, RUN_STATES, type RunMode } from '@astro/contracts';
import { Group, MultiSelect, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { FilterChips, lookOf } from '@astro/web-ui';
import { MODE_WORDS } from '../../features/runs/run-words.js';
import { useMe } from '../../features/session/session-context.js';
import { listDataSetsOptions } from '../../generated/@tanstack/react-query.gen.js';
import { activeFilters, initiatorWords, NO_FILTERS, type RunsSearch } from './run-filters.js';

interface RunsFiltersProps {
  readonly search: RunsSearch;
  readonly onChange: (change: Partial<RunsSearch>) => void;
}

/** States that a run in the list can have; the others are those of previews. */
const STATES = RUN_STATES.filter((state) => state !== 'planning' && state !== 'planned');
const STATE_OPTIONS = STATES.map((value) => ({ value, label: lookOf('run', value).word }));
const MODE_OPTIONS = RUN_MODES.map((value) => ({ value, label: MODE_WORDS[value].name }));
const RANGES = [
  { value: 'now-1h', label: 'last hour' },
  { value: 'now-6h', label: 'last 6 hours' },
  { value: 'now-24h', label: 'last 24 hours' },
  { value: 'now-7d', label: 'last 7 days' },
  { value: 'now-30d', label: 'last 30 days' },
];

/** The filters of the list; each change is a new address. */
export function RunsFilters({ search, onChange }: RunsFiltersProps) {
  return (
    <Group gap="sm" align="flex-end" data-filters role="group" aria-label="Filters">
      <MultiSelect
        label="Status"
        placeholder={search.state.length === 0 ? 'any' : ''}
        data={STATE_OPTIONS}
        value={[...search.state]}
        onChange={(words) => onChange({ state: STATES.filter((state) => words.includes(state)) })}
        clearable
        clearButtonProps={{ 'aria-label': 'Clear the status filter' }}
        miw={180}
      />
      <NativeSelect
        label="Mode"
        data={[{ value: '', label: 'any' }, ...MODE_OPTIONS]}
        value={search.mode ?? ''}
        onChange={({ currentTarget }) => onChange({ mode: modeOf(currentTarget.value) })}
      />
      <DataSetFilter search={search} onChange={onChange} />
      <InitiatorFilter search={search} onChange={onChange} />
      <NativeSelect
        label="Created"
        data={[{ value: '', label: 'any time' }, ...withChosen(RANGES, search.from)]}
        value={search.from ?? ''}
        onChange={({ currentTarget }) => onChange({ from: currentTarget.value || undefined, to: undefined })}
      />
    </Group>
  );
}

const modeOf = (value: string): RunMode | undefined => RUN_MODES.find((mode) => mode === value);

type Options = readonly { readonly value: string; readonly label: string }[];

/** A value out of the address stays choosable, also when it is none of the usual ones. */
function withChosen(options: Options, chosen: string | undefined): Options {
  const isKnown = chosen === undefined || options.some(({ value }) => value === chosen);
  return isKnown ? options : [...options, { value: chosen, label: chosen }];
}

function DataSetFilter({ search: { dataSet }, onChange }: RunsFiltersProps) {
  const { data } = useQuery(listDataSetsOptions());
  const names = (data?.items ?? []).map(({ name }) => ({ value: name, label: name }));
  return (
    <NativeSelect
      label="Data set"
      data={[{ value: '', label: 'any' }, ...withChosen(names, dataSet)]}
      value={dataSet ?? ''}
      onChange={({ currentTarget }) => onChange({ dataSet: currentTarget.value || undefined })}
    />
  );
}

function InitiatorFilter({ search: { initiator }, onChange }: RunsFiltersProps) {
  const { id } = useMe();
  const known = [id, 'schedule'].map((value) => ({ value, label: initiatorWords(value, id) }));
  return (
    <NativeSelect
      label="Started by"
      data={[{ value: '', label: 'anybody' }, ...withChosen(known, initiator)]}
      value={initiator ?? ''}
      onChange={({ currentTarget }) => onChange({ initiator: currentTarget.value || undefined })}
    />
  );
}

/** The filters that are on. */
export function RunsFilterChips({ search, onChange }: RunsFiltersProps) {
  const { id } = useMe();
  const chips = activeFilters(search, id).map(({ without, ...chip }) => ({
    ...chip,
    onRemove: () => onChange(without),
  }));
  return <FilterChips chips={chips} onClear={() => onChange(NO_FILTERS)} />;
}
