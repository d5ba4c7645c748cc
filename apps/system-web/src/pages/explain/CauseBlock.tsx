import { type Change, type Explanation } from '@astro/contracts';
import { Group, Title } from '@mantine/core';
import { OriginChip, originOfChange, StatusBadge, TextLink, TimeText } from '@astro/web-ui';
import { useMe } from '../../features/session/session-context.js';
import { dataSetHref, hrefOf } from '../../shared/href.js';
import { originLinks } from '../changes/change-links.js';

/** Who made it so, what comes next, and how far each part has come. */
export function CauseBlock({ explanation }: { readonly explanation: Explanation }) {
  const { cause, waiting, dataSet, dataSetStatus, position, captured } = explanation;
  const facts = [
    ['Made so by', cause === null ? 'no change that the ledger still knows' : <Cause key="cause" change={cause} />],
    ['Waiting', waiting === null ? 'nothing' : <Cause key="waiting" change={waiting} />],
    [
      'Data set',
      <Group key="set" gap="xs">
        <TextLink href={dataSetHref(dataSet)}>{dataSet}</TextLink>
        <StatusBadge kind="data_set" status={dataSetStatus} />
      </Group>,
    ],
    ['Target is at', position === null ? 'not known' : `${position.commitLsn} · ${position.seq}`],
    ['Captured up to', captured.commitLsn ?? 'not known'],
    ['Whole in the ledger up to', captured.safeLsn ?? 'not known'],
  ] as const;
  return (
    <section aria-labelledby="cause-heading">
      <Title order={2} size="h4" id="cause-heading" mb="xs">
        How it came here
      </Title>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Cause({ change }: { readonly change: Change }) {
  const { role } = useMe();
  const { origin, committedAt, dataSet, id } = change;
  return (
    <Group gap="xs">
      <OriginChip origin={originOfChange(origin, committedAt)} links={originLinks(change, role)} />
      <TextLink href={hrefOf('/changes', { dataSet, open: id })}>
        {change.op}, <TimeText at={committedAt} />
      </TextLink>
    </Group>
  );
}
