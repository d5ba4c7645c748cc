import { type ReactNode } from 'react';
import { Table } from '@mantine/core';

export interface ScrollHeader {
  readonly text: string;
  /** Of numbers. */
  readonly isRight?: boolean;
}

interface ScrollTableProps {
  /** Of the region that scrolls. */
  readonly label: string;
  /** Of the table in it. */
  readonly name: string;
  readonly headers: readonly ScrollHeader[];
  readonly className?: string;
  /** Rows. */
  readonly children: ReactNode;
}

/** A plain table of few rows, in a region that scrolls and that the keyboard reaches; for lists there is `DataTable`. */
export function ScrollTable({ label, name, headers, className = '', children }: ScrollTableProps) {
  return (
    <div className={`table-scroll ${className}`} tabIndex={0} role="region" aria-label={label}>
      <Table aria-label={name}>
        <Table.Thead>
          <Table.Tr>
            {headers.map(({ text, isRight }) => (
              <Table.Th scope="col" key={text} {...(isRight && { className: 'cell-right' })}>
                {text}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </div>
  );
}
