import { type Explanation } from '@astro/contracts';
import { Alert, Group, Stack, Text } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { CopyButton, EmptyState, TextWithTimes } from '@astro/web-ui';
import { explainValueOptions } from '../../generated/@tanstack/react-query.gen.js';
import { definedOf } from '../../shared/defined.js';
import { DataSetSelect } from '../../shared/filters/DataSetSelect.js';
import { FilterBar } from '../../shared/filters/FilterBar.js';
import { FilterText } from '../../shared/filters/FilterFields.js';
import { useLiveQuery } from '../../shared/live-query.js';
import { PageHeader } from '../../shared/PageHeader.js';
import { QueryView } from '../../shared/QueryView.js';
import { BothSides } from './BothSides.js';
import { CauseBlock } from './CauseBlock.js';
import { HistoryBlock } from './HistoryBlock.js';
import { ticketText, VERDICTS } from './verdicts.js';

const route = getRouteApi('/explain');
type Search = ReturnType<typeof route.useSearch>;

/** Why is this value here? */
export function ExplainPage() {
  const { dataSet, table, key, field } = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: Partial<Search>): void => void navigate({ search: (old) => ({ ...old, ...next }) });
  return (
    <Stack>
      <PageHeader title="Explain a value" tabTitle={key === undefined ? 'Explain a value' : `Explain ${key}`}>
        What each database holds of one key, who made it so, and what is still on its way.
      </PageHeader>
      <FilterBar chips={[]} onClear={() => change({})}>
        <DataSetSelect
          value={dataSet}
          none="choose one"
          onChange={(next) => change({ dataSet: next, table: undefined, field: undefined })}
        />
        <FilterText label="Key" value={key} onChange={(next) => change({ key: next })} isSearch />
        <FilterText
          label="Table (if it has several)"
          value={table}
          onChange={(next) => change({ table: next })}
          placeholder="public.launches"
        />
        <FilterText label="Only this field" value={field} onChange={(next) => change({ field: next })} />
      </FilterBar>
      {dataSet !== undefined && key !== undefined ? (
        <Answer dataSet={dataSet} keyText={key} table={table} field={field} />
      ) : (
        <EmptyState
          title="Which value?"
          text="Choose the data set and enter the key of the row; a key of several columns is a JSON array of texts, as the list of changes shows it."
        />
      )}
    </Stack>
  );
}

interface AnswerProps {
  readonly dataSet: string;
  readonly keyText: string;
  readonly table: string | undefined;
  readonly field: string | undefined;
}

/** While a change is on its way it is asked every second. */
function Answer({ dataSet, keyText, table, field }: AnswerProps) {
  const query = useLiveQuery(
    explainValueOptions({ query: { dataSet, key: keyText, ...definedOf({ table }) } }),
    ({ verdict }) => verdict === 'behind',
  );
  return (
    <QueryView query={query} loadingLabel="Looking the value up">
      {(explanation) => (
        <>
          <Sentence explanation={explanation} />
          <BothSides explanation={explanation} field={field} />
          <CauseBlock explanation={explanation} />
          <HistoryBlock explanation={explanation} />
        </>
      )}
    </QueryView>
  );
}

function Sentence({ explanation }: { readonly explanation: Explanation }) {
  const { title, color } = VERDICTS[explanation.verdict];
  return (
    <Alert color={color} variant="light" title={title} role="status">
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          <TextWithTimes text={explanation.sentence} />
        </Text>
        <CopyButton value={ticketText(explanation, window.location.href)} what="text for a ticket" />
      </Group>
    </Alert>
  );
}
