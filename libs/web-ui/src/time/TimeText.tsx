import { type ClipboardEvent } from 'react';
import { formatAbsolute, formatInstant, formatTooltip } from './format-time.js';
import { useTimeSettings } from './time-settings.js';
import { useNow } from './use-now.js';

interface TimeTextProps {
  /** ISO 8601, or milliseconds since 1970; `null` for something that has not happened. */
  readonly at: string | number | null | undefined;
  /** Shown for `null`; a dash unless the place knows better, such as "never". */
  readonly none?: string;
  /** Always date and time, also for what happened just now. */
  readonly absolute?: boolean;
}

/** An instant as the person chose to see it; the tooltip has their zone and UTC, a copy has ISO 8601 in UTC. */
export function TimeText({ at, none = '–', absolute = false }: TimeTextProps) {
  const settings = useTimeSettings();
  const nowMs = useNow();
  const atMs = typeof at === 'string' ? Date.parse(at) : at;
  if (atMs === null || atMs === undefined || Number.isNaN(atMs)) return <span>{none}</span>;
  const shown = absolute ? absoluteIn(atMs, settings) : formatInstant(atMs, settings, nowMs);
  const iso = new Date(atMs).toISOString();
  return (
    <time dateTime={iso} title={formatTooltip(atMs, settings)} onCopy={(event) => copyIso(event, iso)}>
      {shown}
    </time>
  );
}

function absoluteIn(atMs: number, { display, zone, hours }: ReturnType<typeof useTimeSettings>): string {
  return formatAbsolute(atMs, { zone: display === 'utc' ? 'UTC' : zone, hours });
}

/** Only a selection inside this time: whoever copies a whole row wants what they see. */
function copyIso(event: ClipboardEvent<HTMLElement>, iso: string): void {
  const selection = window.getSelection();
  const isInside = [selection?.anchorNode, selection?.focusNode].every((node) =>
    event.currentTarget.contains(node ?? null),
  );
  if (!isInside) return;
  event.clipboardData.setData('text/plain', iso);
  event.preventDefault();
}
