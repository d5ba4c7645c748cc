import { useState } from 'react';
import { Group, Progress, Stack, Text } from '@mantine/core';
import { formatCount } from '../bits/format-number.js';
import { StatusBadge } from '../status/StatusBadge.js';
import { isMoving } from '../status/status-words.js';
import { formatAge } from '../time/format-time.js';
import { useNow } from '../time/use-now.js';
import { Announcer } from './Announcer.js';
import { PhaseLine, type PhaseTime } from './PhaseLine.js';
import { ProgressFacts } from './ProgressFacts.js';
import {
  amountWords,
  hasEnded,
  heartbeatOf,
  isCounting,
  type ProgressFigures,
  shownPercent,
  timeLeftWords,
  valueText,
} from './progress-words.js';

interface ProgressBlockProps {
  readonly figures: ProgressFigures;
  /** What moves, for the name of the bar: "orders", "3 data sets". */
  readonly what: string;
  /** `small` leaves out the phases and the lesser figures: for lists. */
  readonly size?: 'small' | 'full';
  /** How long its phases took, as far as that is known. */
  readonly phaseTimes?: readonly PhaseTime[];
}

/**
 * Phase, amount, rate, time left and the age of that knowledge. The bar never goes back and shows 100 only when
 * the work is done; changes are announced at phases and every 10 %.
 */
export function ProgressBlock({ figures, what, size = 'full', phaseTimes = [] }: ProgressBlockProps) {
  const nowMs = useNow();
  const percent = useShownPercent(figures);
  const words = valueText(figures, { percent, what, nowMs });
  return (
    <Stack gap="xs">
      <Group justify="space-between" gap="sm">
        <Group gap="sm">
          <StatusBadge kind="run" status={figures.status} />
          <Text fw={600}>{amountWords(figures.status, percent)}</Text>
          <Text size="sm">{timeLeftWords(figures, nowMs)}</Text>
        </Group>
        <Heartbeat figures={figures} nowMs={nowMs} />
      </Group>
      <Bar percent={percent} words={words} what={what} status={figures.status} />
      <Amount figures={figures} />
      {size === 'full' && <ProgressFacts figures={figures} />}
      {size === 'full' && <PhaseLine phase={figures.phase} hasEnded={hasEnded(figures.status)} times={phaseTimes} />}
      <Announcer phase={figures.phase} status={figures.status} percent={percent} words={words} />
    </Stack>
  );
}

/** Holds the highest percent seen, so that a total that grows does not pull the bar back. */
function useShownPercent(figures: ProgressFigures): number | null {
  const [shown, setShown] = useState<number | null>(() => shownPercent(figures, null));
  const next = shownPercent(figures, shown);
  if (next !== shown) setShown(next);
  return next;
}

interface BarProps {
  readonly percent: number | null;
  readonly words: string;
  readonly what: string;
  readonly status: string;
}

function Bar({ percent, words, what, status }: BarProps) {
  const isUnderCount = percent === null && isCounting(status);
  return (
    <Progress.Root size="lg">
      <Progress.Section
        value={percent ?? (isUnderCount ? 100 : 0)}
        withAria={false}
        striped={isUnderCount}
        animated={isUnderCount && isMoving(status)}
        color={barColor(status)}
        role="progressbar"
        aria-label={`Progress of ${what}`}
        aria-valuemin={0}
        aria-valuemax={100}
        {...(percent !== null && { 'aria-valuenow': Math.floor(percent) })}
        aria-valuetext={words}
      />
    </Progress.Root>
  );
}

function barColor(status: string): string {
  if (status === 'failed' || status === 'stopped_by_guard') return 'red';
  if (status === 'succeeded') return 'green';
  if (status === 'succeeded_with_leftovers') return 'yellow';
  // The theme's grey is for a light ground: on the dark one nobody would see the bar.
  return isMoving(status) ? 'blue' : 'var(--chart-5)';
}

function Amount({
  figures: { rowsRead, rowsApplied, rowsTotal, rowsSincePlan = 0 },
}: {
  readonly figures: ProgressFigures;
}) {
  const total = rowsTotal === null ? 'total not known yet' : `${formatCount(rowsTotal)} in total`;
  return (
    <Text size="sm">
      {formatCount(rowsRead)} read · {formatCount(rowsApplied)} applied · {total}
      {rowsSincePlan > 0 && ` · +${formatCount(rowsSincePlan)} rows since the plan`}
    </Text>
  );
}

function Heartbeat({ figures, nowMs }: { readonly figures: ProgressFigures; readonly nowMs: number }) {
  if (figures.updatedAtMs === null) return null;
  return (
    <Text size="sm" className={`heartbeat heartbeat-${heartbeatOf(figures, nowMs)}`}>
      updated {formatAge(nowMs - figures.updatedAtMs)} ago
    </Text>
  );
}
