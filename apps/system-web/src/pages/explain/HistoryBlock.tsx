import { useMemo } from 'react';
import { type Change, type Explanation } from '@astro/contracts';
import { Text, Title } from '@mantine/core';
import { DataTable, TextLink } from '@astro/web-ui';
import { useMe } from '../../features/session/session-context.js';
import { hrefOf } from '../../shared/href.js';
import { changeColumns } from '../changes/columns.js';

/** What the ledger knows of the key, and of the rows that its document is made of. */
export function HistoryBlock({ explanation }: { readonly explanation: Explanation }) {
  const { dataSet, table, key, history, historyComplete, related } = explanation;
  return (
    <>
      <section aria-labelledby="history-heading">
        <Title order={2} size="h4" id="history-heading">
          History
        </Title>
        {history.length === 0 && <Text size="sm">The ledger knows no change of this key.</Text>}
        {history.length > 0 && <ChangeTable name="History of the key" changes={history} />}
        {!historyComplete && (
          <TextLink href={hrefOf('/changes', { dataSet, table, key })}>Search for older changes of this key</TextLink>
        )}
      </section>
      {related.map((row) => (
        <section key={`${row.table} ${row.key}`} aria-label={`Part from ${row.table}`}>
          <Title order={3} size="h5">
            Part from {row.table}
            {row.key !== null && (
              <>
                , <bdi>{row.key}</bdi>
              </>
            )}
          </Title>
          {row.changes.length === 0 && <Text size="sm">The ledger knows no change of this row.</Text>}
          {row.changes.length > 0 && <ChangeTable name={`History of ${row.table}`} changes={row.changes} />}
        </section>
      ))}
    </>
  );
}

const openHref = ({ dataSet, id }: Change): string => hrefOf('/changes', { dataSet, open: id });

function ChangeTable({ name, changes }: { readonly name: string; readonly changes: readonly Change[] }) {
  const { role } = useMe();
  const columns = useMemo(() => changeColumns({ role, openHref }), [role]);
  return <DataTable name={name} columns={columns} rows={changes} rowId={({ id }) => id} />;
}
