import { dataSetStatusSchema, type DataSet, type DataSetStatus } from '@astro/contracts';
import { type FilterChip } from '@astro/web-ui';
import { FilterBar } from '../../shared/filters/FilterBar.js';
import { FilterSelect, FilterText } from '../../shared/filters/FilterFields.js';
import { type DataSetFilter } from './choose.js';

const MODES: readonly DataSet['mode'][] = ['live', 'scheduled'];

interface DataSetFiltersProps {
  readonly search: DataSetFilter;
  readonly onChange: (change: {
    text?: string | undefined;
    status?: DataSetStatus[];
    mode?: DataSet['mode'] | undefined;
  }) => void;
  readonly chips: readonly FilterChip[];
  readonly onClear: () => void;
}

/** Several statuses can be on: each choice adds one, the chips take them away. */
export function DataSetFilters({ search, onChange, chips, onClear }: DataSetFiltersProps) {
  const { text, status, mode } = search;
  const left = dataSetStatusSchema.options.filter((word) => !status.includes(word));
  return (
    <FilterBar chips={chips} onClear={onClear}>
      <FilterText label="Name or table" value={text} onChange={(next) => onChange({ text: next })} isSearch />
      <FilterSelect
        label="Status"
        value={undefined}
        words={left}
        onChange={(next) => next && onChange({ status: [...status, next] })}
      />
      <FilterSelect label="Mode" value={mode} words={MODES} onChange={(next) => onChange({ mode: next })} />
    </FilterBar>
  );
}
