import { Table } from '@mantine/core';
import { useTimeSettings } from '../time/time-settings.js';
import { type ChartCardProps, type ChartPoint } from './chart-props.js';
import { pointName, valueWords } from './chart-words.js';

/** The numbers of a chart as a table. */
export function ChartTable(props: ChartCardProps & { readonly points: readonly ChartPoint[] }) {
  const { title, unit, xKind, series, points, format } = props;
  const settings = useTimeSettings();
  return (
    <div className="table-scroll chart-table" tabIndex={0} role="region" aria-label={`Table of ${title}`}>
      <Table aria-label={title}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{xKind === 'time' ? 'Time' : 'Name'}</Table.Th>
            {series.map(({ key, label }) => (
              <Table.Th scope="col" key={key} className="cell-right">
                {label} ({unit})
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {points.map((point) => (
            <Table.Tr key={point.x}>
              <Table.Th scope="row">{pointName(point.x, xKind, settings)}</Table.Th>
              {series.map(({ key }) => (
                <Table.Td key={key} className="cell-right">
                  {valueWords(point.values[key], format)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
