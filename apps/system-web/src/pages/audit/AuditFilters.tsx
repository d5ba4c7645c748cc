import { AUDIT_RESULTS } from '@astro/contracts';
import { type FilterChip } from '@astro/web-ui';
import { FilterBar } from '../../shared/filters/FilterBar.js';
import { FilterSelect, FilterText, RangeSelect } from '../../shared/filters/FilterFields.js';
import { AUDIT_FILTER_NAMES, AUDIT_TEXTS, type AuditSearch } from './filter-names.js';

interface AuditFiltersProps {
  readonly search: AuditSearch;
  readonly onChange: (change: Partial<AuditSearch>) => void;
  readonly chips: readonly FilterChip[];
  readonly onClear: () => void;
}

/** Every filter of the audit trail; they are combined with "and". */
export function AuditFilters({ search, onChange, chips, onClear }: AuditFiltersProps) {
  return (
    <FilterBar chips={chips} onClear={onClear}>
      {AUDIT_TEXTS.map((key) => (
        <FilterText
          key={key}
          label={AUDIT_FILTER_NAMES[key]}
          value={search[key]}
          onChange={(value) => onChange({ [key]: value })}
          isSearch={key === 'text'}
        />
      ))}
      <FilterSelect
        label={AUDIT_FILTER_NAMES.result}
        value={search.result}
        words={AUDIT_RESULTS}
        onChange={(result) => onChange({ result })}
      />
      <RangeSelect from={search.from} onChange={(from) => onChange({ from, to: undefined })} />
    </FilterBar>
  );
}
