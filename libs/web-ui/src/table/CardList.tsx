import { Checkbox, Paper } from '@mantine/core';
import { type DataColumn, type DataTableProps } from './table-props.js';

const FACTS = 4;

/** The narrow shape of a list: a card per row with its first column as heading and up to four facts. */
export function CardList<Row>({ name, columns, rows, rowId, rowLabel, selection }: DataTableProps<Row>) {
  const [heading, ...others] = columns;
  const chosen = others.filter(({ onCard }) => onCard);
  const facts = (chosen.length > 0 ? chosen : others).slice(0, FACTS);
  const toggle = (id: string): void => {
    const ids = new Set(selection?.ids);
    if (!ids.delete(id)) ids.add(id);
    selection?.onChange(ids);
  };
  return (
    <ul className="cards" aria-label={name}>
      {rows.map((row) => {
        const id = rowId(row);
        return (
          <Paper component="li" withBorder p="sm" key={id}>
            <div className="card-heading">
              {selection && (
                <Checkbox
                  checked={selection.ids.has(id)}
                  onChange={() => toggle(id)}
                  aria-label={`Select ${rowLabel?.(row) ?? id}`}
                />
              )}
              {heading?.cell(row)}
            </div>
            <CardFacts facts={facts} row={row} />
          </Paper>
        );
      })}
    </ul>
  );
}

function CardFacts<Row>({ facts, row }: { readonly facts: readonly DataColumn<Row>[]; readonly row: Row }) {
  return (
    <dl className="card-facts">
      {facts.map(({ id, header, cell }) => (
        <div key={id}>
          <dt>{header}</dt>
          <dd>{cell(row)}</dd>
        </div>
      ))}
    </dl>
  );
}
