import { Button, Popover, Stack, Text } from '@mantine/core';
import { IconCalendar, IconKey, IconQuestionMark, IconServer, IconUser } from '../icons.js';
import { TimeText } from '../time/TimeText.js';
import { CopyButton } from './CopyButton.js';
import { TextLink } from './link.js';
import { type OriginFacts, shortOriginWords } from './origin-facts.js';

interface OriginChipProps {
  readonly origin: OriginFacts;
  /** Paths of this app; each link is left out when its path is. */
  readonly links?: { readonly audit?: string; readonly explain?: string; readonly run?: string };
}

const ICONS = {
  user: IconUser,
  service: IconServer,
  system: IconServer,
  schedule: IconCalendar,
  api_key: IconKey,
  anonymous: IconQuestionMark,
  unattributed: IconQuestionMark,
} as const;

/** Who did it, in a few words: "ana via billing-api · price-update"; a click opens all that is known. */
export function OriginChip({ origin, links = {} }: OriginChipProps) {
  const Icon = ICONS[origin.kind];
  return (
    <Popover width={320} position="bottom-start" withinPortal trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="light"
          color={origin.kind === 'unattributed' ? 'yellow' : 'gray'}
          size="compact-xs"
          className="origin-chip"
          leftSection={<Icon size={14} aria-hidden />}
        >
          <bdi className="cut">{shortOriginWords(origin)}</bdi>
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Origin">
        <Stack gap="xs">
          <OriginCard origin={origin} />
          {links.run && <TextLink href={links.run}>Open the run</TextLink>}
          {links.audit && <TextLink href={links.audit}>Find in the audit trail</TextLink>}
          {links.explain && <TextLink href={links.explain}>Explain this value</TextLink>}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

const FACTS: readonly [name: string, fact: keyof OriginFacts][] = [
  ['User', 'user'],
  ['Service', 'service'],
  ['Action', 'action'],
  ['Reason', 'reason'],
  ['Database role', 'databaseRole'],
  ['Application', 'applicationName'],
  ['Address', 'address'],
  ['Run', 'runId'],
];

function OriginCard({ origin }: { readonly origin: OriginFacts }) {
  const known = FACTS.flatMap(([name, fact]) => (origin[fact] ? [[name, origin[fact]] as const] : []));
  return (
    <>
      {origin.kind === 'unattributed' && <Text size="sm">The application did not say who it acted for.</Text>}
      <dl className="facts facts-narrow">
        {known.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
        {origin.at && (
          <div>
            <dt>Time</dt>
            <dd>
              <TimeText at={origin.at} absolute />
            </dd>
          </div>
        )}
        <IdFact name="Correlation id" id={origin.correlationId} />
        <IdFact name="Request id" id={origin.requestId} />
      </dl>
    </>
  );
}

function IdFact({ name, id }: { readonly name: string; readonly id: string | null | undefined }) {
  if (!id) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <bdi>{id}</bdi> <CopyButton value={id} what={name.toLowerCase()} />
      </dd>
    </div>
  );
}
