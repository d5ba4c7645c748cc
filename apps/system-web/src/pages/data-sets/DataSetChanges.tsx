import { useCallback } from 'react';
import { type Change } from '@astro/contracts';
import { Stack } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { TableSkeleton, TextLink } from '@astro/web-ui';
import { hrefOf } from '../../shared/href.js';
import { QueryView } from '../../shared/QueryView.js';
import { LiveChanges } from '../changes/LiveChanges.js';
import { useChanges } from '../changes/use-changes.js';

const route = getRouteApi('/data-sets/$name');
const SHOWN = 50;

/** The latest changes of the data set as they come; the ledger search has the rest. */
export function DataSetChanges({ name }: { readonly name: string }) {
  const navigate = route.useNavigate();
  const query = useChanges({ dataSet: name, limit: SHOWN, unattributed: false, withoutUser: false });
  const openHref = useCallback(({ id }: Change) => hrefOf('/changes', { dataSet: name, open: id }), [name]);
  return (
    <Stack gap="sm">
      <QueryView
        query={query}
        loadingLabel={`Loading the changes of ${name}`}
        skeleton={<TableSkeleton />}
        isEmpty={({ items }) => items.length === 0}
        empty={{ title: 'No change yet', text: `Changes of ${name} appear here a moment after they are committed.` }}
      >
        {(list) => (
          <LiveChanges
            list={list}
            question={name}
            isSettled={!query.isPlaceholderData}
            openHref={openHref}
            onOpen={(change) => void navigate({ href: openHref(change) })}
          />
        )}
      </QueryView>
      <div>
        <TextLink href={hrefOf('/changes', { dataSet: name })}>Search all changes of {name}</TextLink>
      </div>
    </Stack>
  );
}
