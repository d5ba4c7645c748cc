import { Table } from '@mantine/core';
import { ScrollTable, ValueText } from '@astro/web-ui';
import { useViewWidth } from './use-view-width.js';

/** One field with a value on two sides, such as before and after. */
export interface TwoSidedField {
  readonly name: string;
  /** Absent where that side says nothing. */
  readonly first?: unknown;
  readonly second?: unknown;
  readonly verdict: string;
  /** The verdict is what a person looks for. */
  readonly isMarked: boolean;
}

interface FieldTableProps {
  /** For those who cannot see it. */
  readonly label: string;
  /** The field, both sides, the verdict. */
  readonly headers: readonly [name: string, first: string, second: string, verdict: string];
  readonly fields: readonly TwoSidedField[];
  /** Said for an absent value. */
  readonly none: string;
}

/** Fields with a value on each of two sides; on a narrow view one below the other, because there both need the width. */
export function FieldTable(props: FieldTableProps) {
  return useViewWidth() === 'narrow' ? <FieldList {...props} /> : <WideFieldTable {...props} />;
}

function WideFieldTable({ label, headers, fields, none }: FieldTableProps) {
  return (
    <ScrollTable label={label} name="Fields" headers={headers.map((text) => ({ text }))}>
      {fields.map((field) => (
        <Table.Tr key={field.name}>
          <Table.Th scope="row">{field.name}</Table.Th>
          <Table.Td>{'first' in field ? <ValueText value={field.first} /> : none}</Table.Td>
          <Table.Td>{'second' in field ? <ValueText value={field.second} /> : none}</Table.Td>
          <Table.Td fw={field.isMarked ? 700 : 400}>{field.verdict}</Table.Td>
        </Table.Tr>
      ))}
    </ScrollTable>
  );
}

function FieldList({ label, headers: [, first, second], fields, none }: FieldTableProps) {
  return (
    <ul className="fields" aria-label={label}>
      {fields.map((field) => (
        <li key={field.name}>
          <div className="field-head">
            <strong>{field.name}</strong>
            <span className={field.isMarked ? 'field-marked' : undefined}>{field.verdict}</span>
          </div>
          <dl className="facts facts-narrow">
            <div>
              <dt>{first}</dt>
              <dd>{'first' in field ? <ValueText value={field.first} /> : none}</dd>
            </div>
            <div>
              <dt>{second}</dt>
              <dd>{'second' in field ? <ValueText value={field.second} /> : none}</dd>
            </div>
          </dl>
        </li>
      ))}
    </ul>
  );
}
