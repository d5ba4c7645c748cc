import { type KeyboardEvent, useState } from 'react';
import { NativeSelect, TextInput } from '@mantine/core';

interface FilterTextProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
  readonly placeholder?: string;
  /** The field that `/` goes to; one on a page. */
  readonly isSearch?: boolean;
}

/** A filter that is typed; it acts at Enter, or when the field is left. */
export function FilterText({ label, value = '', onChange, placeholder, isSearch = false }: FilterTextProps) {
  const [text, setText] = useState(value);
  const [applied, setApplied] = useState(value);
  // A filter that was changed elsewhere, by a chip or by Back, is what the field shows.
  if (applied !== value) {
    setApplied(value);
    setText(value);
  }
  const apply = (): void => {
    const next = text.trim();
    if (next !== value) onChange(next === '' ? undefined : next);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') apply();
  };
  return (
    <TextInput
      label={label}
      size="xs"
      value={text}
      placeholder={placeholder}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={apply}
      onKeyDown={onKeyDown}
      {...(isSearch && { 'data-search': true, type: 'search' })}
    />
  );
}

interface FilterSelectProps<W extends string> {
  readonly label: string;
  readonly value: W | undefined;
  readonly words: readonly W[];
  readonly onChange: (value: W | undefined) => void;
  /** How a word reads; with spaces for underscores unless given. */
  readonly nameOf?: (word: W) => string;
  /** What no choice means; "any" unless given. */
  readonly none?: string;
}

/** A filter of a few words, and "any". */
export function FilterSelect<W extends string>({
  label,
  value,
  words,
  onChange,
  nameOf = plain,
  none = 'any',
}: FilterSelectProps<W>) {
  const data = [{ value: '', label: none }, ...words.map((word) => ({ value: word, label: nameOf(word) }))];
  return (
    <NativeSelect
      label={label}
      size="xs"
      data={data}
      value={value ?? ''}
      onChange={(event) => onChange(words.find((word) => word === event.currentTarget.value))}
    />
  );
}

const plain = (word: string): string => word.replaceAll('_', ' ');

const RANGES = [
  ['now-15m', 'last 15 min'],
  ['now-1h', 'last hour'],
  ['now-6h', 'last 6 h'],
  ['now-1d', 'last day'],
  ['now-7d', 'last 7 days'],
] as const;

/** The range of the address, which is none of the usual ones. */
const OTHER = 'other';

interface RangeSelectProps {
  readonly from: string | undefined;
  /** The end out of the address, when it is not now; a choice starts anew without it. */
  readonly to?: string | undefined;
  readonly onChange: (from: string | undefined) => void;
  readonly label?: string;
  /** What no choice means; "any time" unless given. */
  readonly none?: string;
}

/** How far back; an instant out of the address stays in the list. */
export function RangeSelect({ from, to, onChange, label = 'Time', none = 'any time' }: RangeSelectProps) {
  const known: { value: string; label: string }[] = RANGES.map(([value, name]) => ({ value, label: name }));
  const isOther = from !== undefined && (to !== undefined || !known.some(({ value }) => value === from));
  const other = { value: OTHER, label: `since ${from}${to === undefined ? '' : ` until ${to}`}` };
  const data = [{ value: '', label: none }, ...known, ...(isOther ? [other] : [])];
  return (
    <NativeSelect
      label={label}
      size="xs"
      data={data}
      value={isOther ? OTHER : (from ?? '')}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
    />
  );
}
