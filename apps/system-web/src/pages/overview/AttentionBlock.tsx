import { type AttentionItem, type Overview, type Severity } from '@astro/contracts';
import { Badge, Paper, Text, Title } from '@mantine/core';
import { TextLink, TimeText } from '@astro/web-ui';
import { IconAlertTriangle, IconHelp } from '../../shared/icons.js';

const LOOKS = {
  critical: { color: 'red', icon: IconAlertTriangle },
  warning: { color: 'yellow', icon: IconAlertTriangle },
  info: { color: 'gray', icon: IconHelp },
} as const;

/** What a person should look at, worst first, one line per cause. */
export function AttentionBlock({ overview: { needsAttention } }: { readonly overview: Overview }) {
  return (
    <section aria-labelledby="attention-heading">
      <Title order={2} size="h4" id="attention-heading" mb="xs">
        Needs attention
      </Title>
      {needsAttention.length === 0 && <Text size="sm">Nothing needs you.</Text>}
      <ul className="parts" aria-labelledby="attention-heading">
        {needsAttention.map((item) => (
          <Line key={item.id} item={item} />
        ))}
      </ul>
    </section>
  );
}

function Line({ item: { title, link, detail, severity, since } }: { readonly item: AttentionItem }) {
  return (
    <Paper component="li" className="part" withBorder p="sm">
      <TextLink href={link}>{title}</TextLink>
      <div>
        <SeverityBadge severity={severity} />
      </div>
      <Text size="sm">
        {detail}{' '}
        {since !== null && (
          <Text span size="sm" c="dimmed">
            · <TimeText at={since} />
          </Text>
        )}
      </Text>
    </Paper>
  );
}

function SeverityBadge({ severity }: { readonly severity: Severity }) {
  const { color, icon: Icon } = LOOKS[severity];
  return (
    <Badge
      variant="light"
      color={color}
      tt="none"
      className="status-badge"
      leftSection={<Icon size={14} aria-hidden />}
    >
      {severity}
    </Badge>
  );
}
