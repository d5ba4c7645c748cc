import { useQuery } from '@tanstack/react-query';
import { listDataSetsOptions } from '../../generated/@tanstack/react-query.gen.js';
import { FilterSelect } from './FilterFields.js';

interface DataSetSelectProps {
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
  /** What no choice means; "any" unless given. */
  readonly none?: string;
}

/** The data sets there are; one out of the address stays in the list even when it is gone. */
export function DataSetSelect({ value, onChange, none = 'any' }: DataSetSelectProps) {
  const { data } = useQuery(listDataSetsOptions());
  const names = (data?.items ?? []).map(({ name }) => name);
  const words = value === undefined || names.includes(value) ? names : [...names, value];
  return (
    <FilterSelect
      label="Data set"
      value={value}
      words={words}
      onChange={onChange}
      nameOf={(name) => name}
      none={none}
    />
  );
}
