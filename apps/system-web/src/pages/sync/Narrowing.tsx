import { Fieldset, NativeSelect, Radio, Stack, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Controller, useWatch } from 'react-hook-form';
import { listDataSetsOptions } from '../../generated/@tanstack/react-query.gen.js';
import { Conditions } from './Conditions.js';
import { type SyncFormProps } from './ScopeStep.js';
import { linesOf, NARROWINGS, type Narrowing as NarrowingWord } from './sync-form.js';

const WORDS: Readonly<Record<NarrowingWord, string>> = {
  all: 'All rows',
  keys: 'Only these keys',
  filter: 'Only rows that fit conditions',
};
const MAX_KEYS = 1_000;

interface NarrowingProps extends SyncFormProps {
  readonly dataSet: string;
}

/** Which rows of the data set. */
export function Narrowing({ form, dataSet }: NarrowingProps) {
  const narrowing = useWatch({ control: form.control, name: 'narrowing' });
  return (
    <Fieldset legend={`Rows of ${dataSet}`}>
      <Stack>
        <Controller
          control={form.control}
          name="narrowing"
          render={({ field: { ref, ...field } }) => (
            <Radio.Group label="Which rows" {...field}>
              {NARROWINGS.map((word, index) => (
                <Radio key={word} value={word} label={WORDS[word]} mt="xs" {...(index === 0 && { ref })} />
              ))}
            </Radio.Group>
          )}
        />
        {narrowing !== 'all' && <TableField form={form} dataSet={dataSet} />}
        {narrowing === 'keys' && <KeysField form={form} />}
        {narrowing === 'filter' && <Conditions form={form} />}
      </Stack>
    </Fieldset>
  );
}

/** Needed only when the data set has several tables. */
function TableField({ form, dataSet }: NarrowingProps) {
  const { data } = useQuery(listDataSetsOptions());
  const tables = data?.items.find(({ name }) => name === dataSet)?.tables ?? [];
  const words = tables.map(({ table, keyColumns }) => ({ value: table, label: `${table} (${keyColumns.join(', ')})` }));
  return (
    <NativeSelect
      label="Table and its key"
      data={[{ value: '', label: tables.length > 1 ? 'choose one' : 'the only one' }, ...words]}
      error={form.formState.errors.table?.message}
      {...form.register('table', {
        validate: (table) => table !== '' || tables.length < 2 || 'Choose the table that the rows are of.',
      })}
      maw={480}
    />
  );
}

function KeysField({ form }: SyncFormProps) {
  return (
    <Textarea
      label="Keys"
      description="One per line; a key of several columns as a JSON array of texts. A list can be pasted."
      rows={5}
      error={form.formState.errors.keys?.message}
      {...form.register('keys', { validate: keysFault })}
    />
  );
}

function keysFault(text: string): string | true {
  const keys = linesOf(text);
  if (keys.length === 0) return 'Enter at least one key.';
  return keys.length <= MAX_KEYS || `At most ${MAX_KEYS} keys; these are ${keys.length}. Use conditions instead.`;
}
