import { Code, List, Text } from '@mantine/core';
import {
  type DataColumn,
  formatAbsolute,
  formatRelative,
  StatusBadge,
  TextLink,
  TimeText,
  useNow,
  useTimeSettings,
} from '@astro/web-ui';
import { type Schedule } from '../../generated/index.js';
import { cronWords } from './cron-words.js';
import { ScheduleVerbs } from './ScheduleVerbs.js';

/** The columns of the list of schedules. */
export const SCHEDULE_COLUMNS: readonly DataColumn<Schedule>[] = [
  {
    id: 'dataSet',
    header: 'Data set',
    cell: ({ dataSet }) => <TextLink href={`/data-sets/${encodeURIComponent(dataSet)}`}>{dataSet}</TextLink>,
  },
  { id: 'state', header: 'Status', cell: (schedule) => <State schedule={schedule} />, onCard: true },
  { id: 'rule', header: 'Rule', cell: (schedule) => <Rule schedule={schedule} /> },
  { id: 'next', header: 'Next', cell: (schedule) => <Next schedule={schedule} />, onCard: true },
  { id: 'last', header: 'Last result', cell: (schedule) => <LastRun schedule={schedule} />, onCard: true },
  { id: 'act', header: 'Act', cell: (schedule) => <ScheduleVerbs schedule={schedule} />, onCard: true },
];

interface ScheduleProps {
  readonly schedule: Schedule;
}

function State({ schedule: { paused } }: ScheduleProps) {
  return (
    <>
      <StatusBadge kind="setting" status={paused ? 'paused' : 'active'} />
      {paused && (
        <Text size="sm">
          by {paused.by.name}, <TimeText at={paused.at} />: <bdi>{paused.reason}</bdi>
        </Text>
      )}
    </>
  );
}

/** In words as far as there are words, always with the rule itself and its zone. */
function Rule({ schedule: { cron, timeZone } }: ScheduleProps) {
  return (
    <>
      <Text size="sm">{cronWords(cron) ?? 'by its own rule'}</Text>
      <Text size="sm">
        <Code>{cron}</Code> in {timeZone}
      </Text>
    </>
  );
}

/** The next instants in the zone of the schedule, so that a change of clocks can be seen. */
function Next({ schedule: { next, timeZone } }: ScheduleProps) {
  const { hours } = useTimeSettings();
  const nowMs = useNow();
  if (next.length === 0) return <Text size="sm">none while it is paused</Text>;
  return (
    <List size="sm" listStyleType="none">
      {next.map((at) => (
        <List.Item key={at}>
          <time dateTime={at} title={formatAbsolute(Date.parse(at), { zone: 'UTC', hours })}>
            {formatAbsolute(Date.parse(at), { zone: timeZone, hours })}
          </time>{' '}
          ({formatRelative(Date.parse(at), nowMs)})
        </List.Item>
      ))}
    </List>
  );
}

function LastRun({ schedule: { lastRun, lastSkipped } }: ScheduleProps) {
  return (
    <>
      {lastRun ? (
        <Text size="sm" component="div">
          <TextLink href={`/runs/${lastRun.id}`}>Run {lastRun.id}</TextLink>{' '}
          <StatusBadge kind="run" status={lastRun.state} /> due <TimeText at={lastRun.scheduledFor} />
        </Text>
      ) : (
        <Text size="sm">never ran</Text>
      )}
      {lastSkipped && (
        <Text size="sm">
          skipped <TimeText at={lastSkipped.scheduledFor} />: {lastSkipped.reason}
        </Text>
      )}
    </>
  );
}
