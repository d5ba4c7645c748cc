import { Table } from '@mantine/core';
import { ScrollTable } from '../table/ScrollTable.js';
import { useTimeSettings } from '../time/time-settings.js';
import { type ChartCardProps, type ChartPoint } from './chart-props.js';
import { pointName, valueWords } from './chart-words.js';

/** The numbers of a chart as a table. */
export function ChartTable(props: ChartCardProps & { readonly points: readonly ChartPoint[] }) {
  const { title, unit, xKind, series, points, format, bandHeader } = props;
  const settings = useTimeSettings();
  const values = series.map(({ label }) => ({ text: `${label} (${unit})`, isRight: true }));
  return (
    <ScrollTable
      label={`Table of ${title}`}
      name={title}
      headers={[{ text: xKind === 'time' ? 'Time' : 'Name' }, ...values, ...(bandHeader ? [{ text: bandHeader }] : [])]}
      className="chart-table"
    >
      {points.map((point) => (
        <Table.Tr key={point.x}>
          <Table.Th scope="row">{pointName(point.x, xKind, settings)}</Table.Th>
          {series.map(({ key }) => (
            <Table.Td key={key} className="cell-right">
              {valueWords(point.values[key], format)}
            </Table.Td>
          ))}
          {bandHeader && <Table.Td>{point.band ?? '–'}</Table.Td>}
        </Table.Tr>
      ))}
    </ScrollTable>
  );
}
