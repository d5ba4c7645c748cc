import { Badge } from '@mantine/core';
import { lookOf, type StatusKind, type StatusOf } from './status-words.js';

interface StatusBadgeProps<K extends StatusKind> {
  /** What has the status; the same word can look different on another kind of thing. */
  readonly kind: K;
  /** As the API names it, such as `succeeded_with_leftovers`; a word that is not known here is shown as it is. */
  readonly status: StatusOf<K> | (string & {});
}

/** A status as icon, word and tone, never the tone alone. */
export function StatusBadge<K extends StatusKind>({ kind, status }: StatusBadgeProps<K>) {
  const { icon: Icon, word, tone, turns } = lookOf(kind, status);
  return (
    <Badge
      variant="light"
      color={tone}
      tt="none"
      className="status-badge"
      leftSection={<Icon size={14} aria-hidden className={turns ? 'turning' : undefined} />}
    >
      {word}
    </Badge>
  );
}
