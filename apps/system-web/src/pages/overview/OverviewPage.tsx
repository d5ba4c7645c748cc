import { type Overview } from '@astro/contracts';
import { Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { keepPreviousData } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Bars, StatusBadge, TextLink, TimeText } from '@astro/web-ui';
import { getOverviewOptions } from '../../generated/@tanstack/react-query.gen.js';
import { definedOf } from '../../shared/defined.js';
import { RangeSelect } from '../../shared/filters/FilterFields.js';
import { useLiveQuery } from '../../shared/live-query.js';
import { PageHeader } from '../../shared/PageHeader.js';
import { QueryView } from '../../shared/QueryView.js';
import { useInstant } from '../../shared/use-instant.js';
import { AttentionBlock } from './AttentionBlock.js';
import { FreshnessBlock } from './FreshnessBlock.js';
import { OriginsBlock } from './OriginsBlock.js';
import { OverviewCharts } from './OverviewCharts.js';
import { RunningBlock } from './RunningBlock.js';
import { verdictText } from './verdict.js';

const route = getRouteApi('/');

/** Instants as the address has them. */
interface Range {
  readonly from: string | undefined;
  readonly to?: string;
}

const EMPTY = {
  title: 'No data set is declared yet',
  text: 'First connect the databases, then declare a data set in the configuration of the sync worker; then its first copy is planned under Start a sync.',
};

/** Healthy or not, and the way to the cause. */
export function OverviewPage() {
  const { from, to } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useLiveQuery({
    ...getOverviewOptions({ query: definedOf({ from: useInstant(from), to: useInstant(to) }) }),
    placeholderData: keepPreviousData,
  });
  const setRange = (range: Range): void => void navigate({ search: (old) => ({ ...old, to: undefined, ...range }) });
  return (
    <Stack>
      <PageHeader
        title="Overview"
        tabTitle={query.data ? verdictText(query.data.verdict) : 'Overview'}
        actions={
          <RangeSelect
            label="Range"
            from={from}
            to={to}
            none="last 6 h (usual)"
            onChange={(next) => setRange({ from: next })}
          />
        }
      />
      <QueryView
        query={query}
        loadingLabel="Loading the overview"
        skeleton={<Bars count={4} height={72} />}
        isEmpty={({ freshness, needsAttention }) => freshness.length === 0 && needsAttention.length === 0}
        empty={EMPTY}
      >
        {(overview) => <OverviewView overview={overview} onRange={setRange} />}
      </QueryView>
    </Stack>
  );
}

interface OverviewViewProps {
  readonly overview: Overview;
  readonly onRange: (range: Range) => void;
}

function OverviewView({ overview, onRange }: OverviewViewProps) {
  return (
    <Stack>
      <Verdict overview={overview} />
      <AttentionBlock overview={overview} />
      <RunningBlock />
      <OverviewCharts overview={overview} onRange={onRange} />
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <FreshnessBlock overview={overview} />
        <OriginsBlock overview={overview} />
      </SimpleGrid>
    </Stack>
  );
}

const TONE_STATUS = { good: 'healthy', warning: 'unhealthy', bad: 'unhealthy', unknown: 'unknown' } as const;

/** Is anything wrong? Each thing that is leads to itself. */
function Verdict({ overview: { verdict, asOf } }: { readonly overview: Overview }) {
  return (
    <div>
      <Group gap="sm" role="status">
        <StatusBadge kind="part" status={TONE_STATUS[verdict.tone]} />
        <Text size="lg" fw={600}>
          {verdict.parts.map(({ text, link }, index) =>
            link === null ? (
              <span key={index}>{text}</span>
            ) : (
              <TextLink key={index} href={link}>
                {text}
              </TextLink>
            ),
          )}
        </Text>
      </Group>
      <Text size="sm" c="dimmed">
        as of <TimeText at={asOf} />
      </Text>
    </div>
  );
}
