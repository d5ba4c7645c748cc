import { changeOpSchema, changeStatusSchema } from '@astro/contracts';
import { Checkbox } from '@mantine/core';
import { type FilterChip } from '@astro/web-ui';
import { DataSetSelect } from '../../shared/filters/DataSetSelect.js';
import { FilterBar } from '../../shared/filters/FilterBar.js';
import { FilterSelect, FilterText, RangeSelect } from '../../shared/filters/FilterFields.js';
import { type ChangeSearch } from './filter-names.js';

const TEXTS = [
  ['key', 'Key'],
  ['service', 'Service'],
  ['user', 'User'],
  ['action', 'Action'],
  ['correlationId', 'Correlation id'],
] as const;

interface ChangeFiltersProps {
  readonly search: ChangeSearch;
  readonly onChange: (change: Partial<ChangeSearch>) => void;
  readonly chips: readonly FilterChip[];
  readonly onClear: () => void;
}

/** Every filter of the ledger search; they are combined with "and". */
export function ChangeFilters({ search, onChange, chips, onClear }: ChangeFiltersProps) {
  return (
    <FilterBar chips={chips} onClear={onClear}>
      <DataSetSelect value={search.dataSet} onChange={(dataSet) => onChange({ dataSet })} />
      {TEXTS.map(([key, label]) => (
        <FilterText
          key={key}
          label={label}
          value={search[key]}
          onChange={(value) => onChange({ [key]: value })}
          isSearch={key === 'key'}
        />
      ))}
      <FilterSelect label="Did" value={search.op} words={changeOpSchema.options} onChange={(op) => onChange({ op })} />
      <FilterSelect
        label="Status"
        value={search.status}
        words={changeStatusSchema.options}
        onChange={(status) => onChange({ status })}
      />
      <RangeSelect from={search.from} onChange={(from) => onChange({ from, to: undefined })} />
      <Checkbox
        label="Only unattributed"
        checked={search.unattributed}
        onChange={(event) => onChange({ unattributed: event.currentTarget.checked })}
      />
    </FilterBar>
  );
}
