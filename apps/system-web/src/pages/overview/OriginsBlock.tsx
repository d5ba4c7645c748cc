import { type Overview, type TopOrigin } from '@astro/contracts';
import { Text, Title } from '@mantine/core';
import { type DataColumn, DataTable, formatCount, originWords, TextLink, TimeText } from '@astro/web-ui';
import { hrefOf } from '../../shared/href.js';

/** Who changed most in the range; each leads to their changes. */
export function OriginsBlock({ overview: { topOrigins, originsSince } }: { readonly overview: Overview }) {
  return (
    <section aria-labelledby="origins-heading">
      <Title order={2} size="h4" id="origins-heading">
        Lately changed by
      </Title>
      {topOrigins.length === 0 ? (
        <Text size="sm">Nobody changed anything in this range.</Text>
      ) : (
        <DataTable name="Lately changed by" columns={columnsOf(originsSince)} rows={topOrigins} rowId={wordsOf} />
      )}
    </section>
  );
}

function columnsOf(since: string): readonly DataColumn<TopOrigin>[] {
  return [
    {
      id: 'origin',
      header: 'Who',
      cell: (origin) => (
        <TextLink href={changesHref(origin, since)}>
          <bdi>{wordsOf(origin)}</bdi>
        </TextLink>
      ),
    },
    { id: 'changes', header: 'Changes', cell: ({ changes }) => formatCount(changes), align: 'right', onCard: true },
    { id: 'lastAt', header: 'Last', cell: ({ lastAt }) => <TimeText at={lastAt} />, onCard: true },
  ];
}

function wordsOf({ service, user, unattributed }: TopOrigin): string {
  return originWords({ kind: unattributed ? 'unattributed' : user === null ? 'service' : 'user', service, user });
}

function changesHref({ service, user, unattributed }: TopOrigin, from: string): string {
  if (unattributed) return hrefOf('/changes', { unattributed: true, from });
  const who = user === null ? { withoutUser: true } : { user };
  return hrefOf('/changes', { service: service ?? undefined, ...who, from });
}
