import { useState } from 'react';
import { Checkbox, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Controller, useWatch } from 'react-hook-form';
import { formatCount } from '@astro/web-ui';
import { listDataSetsOptions } from '../../generated/@tanstack/react-query.gen.js';
import { type DataSet } from '../../generated/index.js';
import { QueryView } from '../../shared/QueryView.js';
import { type SyncFormProps } from './ScopeStep.js';
import { permissionFor, type SyncValues } from './sync-form.js';

/** Everything, or some data sets by name. */
export function DataSetChoice({ form }: SyncFormProps) {
  const all = useWatch({ control: form.control, name: 'all' });
  const query = useQuery(listDataSetsOptions());
  return (
    <Stack gap="sm">
      <Controller
        control={form.control}
        name="all"
        render={({ field: { value, ...field } }) => (
          <Checkbox label="Everything" description="All data sets, also those to come." checked={value} {...field} />
        )}
      />
      {!all && (
        <QueryView
          query={query}
          loadingLabel="Loading the data sets"
          isEmpty={({ items }) => items.length === 0}
          empty={{
            title: 'No data set yet',
            text: 'No worker has registered its data sets. Start sync-worker, then come back.',
          }}
        >
          {({ items }) => <Choice form={form} dataSets={items} />}
        </QueryView>
      )}
    </Stack>
  );
}

function Choice({ form, dataSets }: SyncFormProps & { readonly dataSets: readonly DataSet[] }) {
  const [text, setText] = useState('');
  const found = dataSets.filter(({ name }) => name.toLowerCase().includes(text.trim().toLowerCase()));
  const chosen = useWatch({ control: form.control, name: 'dataSets' });
  return (
    <Controller
      control={form.control}
      name="dataSets"
      rules={{
        validate: (names, { all }) => all || names.length > 0 || 'Choose at least one data set, or everything.',
      }}
      render={({ field: { ref, ...field }, fieldState }) => (
        <Checkbox.Group label="Data sets" {...field} error={fieldState.error?.message}>
          <TextInput
            ref={ref}
            data-search
            type="search"
            aria-label="Search the data sets"
            placeholder="Search by name"
            value={text}
            onChange={({ currentTarget }) => setText(currentTarget.value)}
            maw={320}
            my="xs"
          />
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
            {found.map((dataSet) => (
              <DataSetBox key={dataSet.name} form={form} dataSet={dataSet} />
            ))}
          </SimpleGrid>
          <Text size="sm" my="xs" role="status">
            {chosen.length} chosen · {found.length} of {dataSets.length} shown
          </Text>
        </Checkbox.Group>
      )}
    />
  );
}

/** One that the mode is not permitted for stays visible with the reason, and out of the run. */
function DataSetBox({ form, dataSet }: SyncFormProps & { readonly dataSet: DataSet }) {
  const mode = useWatch<SyncValues, 'mode'>({ control: form.control, name: 'mode' });
  const { ok, reason } = permissionFor(dataSet.allowed, mode);
  return (
    <Checkbox
      value={dataSet.name}
      label={dataSet.name}
      description={ok ? factsOf(dataSet) : (reason ?? 'This is not possible now.')}
      disabled={!ok}
    />
  );
}

function factsOf({ status, target, rows }: DataSet): string {
  const count = rows === null ? 'rows not known' : `${rows.exact ? '' : 'about '}${formatCount(rows.rows)} rows`;
  return `${status.replaceAll('_', ' ')} · to ${target === 'cache' ? 'CacheDB' : 'SystemDB'} · ${count}`;
}
