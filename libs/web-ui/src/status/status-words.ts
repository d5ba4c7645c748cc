import { type Icon } from '@tabler/icons-react';
import {
  IconAlertTriangle,
  IconArrowRight,
  IconBell,
  IconBellCheck,
  IconBellOff,
  IconBellZ,
  IconCheck,
  IconCircleCheck,
  IconClipboard,
  IconClock,
  IconClockExclamation,
  IconDotsCircleHorizontal,
  IconGitFork,
  IconHeart,
  IconHourglass,
  IconLoader2,
  IconMinus,
  IconPencil,
  IconPlayerPause,
  IconPlayerStop,
  IconQuestionMark,
  IconShield,
  IconShieldX,
  IconWaveSine,
  IconX,
} from '../icons.js';

/** Tones are colours of the theme that the variant `light` shows with enough contrast. */
export type Tone = 'gray' | 'blue' | 'green' | 'yellow' | 'red' | 'violet';

/** How one status looks and reads. */
export interface StatusLook {
  readonly word: string;
  readonly icon: Icon;
  readonly tone: Tone;
  /** The icon turns, unless the person asked for less motion. */
  readonly turns?: true;
}

const look = (word: string, icon: Icon, tone: Tone): StatusLook => ({ word, icon, tone });

const RUN = {
  planning: { ...look('planning', IconLoader2, 'blue'), turns: true },
  planned: look('planned', IconClipboard, 'gray'),
  waiting_for_approval: look('waiting for approval', IconHourglass, 'violet'),
  waiting: look('waiting', IconClock, 'gray'),
  queued: look('queued', IconClock, 'gray'),
  running: { ...look('running', IconLoader2, 'blue'), turns: true },
  pausing: look('pausing', IconPlayerPause, 'yellow'),
  paused: look('paused', IconPlayerPause, 'yellow'),
  cancelling: look('cancelling', IconDotsCircleHorizontal, 'yellow'),
  verifying: look('verifying', IconShield, 'blue'),
  succeeded: look('succeeded', IconCheck, 'green'),
  succeeded_with_leftovers: look('succeeded with leftovers', IconCircleCheck, 'yellow'),
  failed: look('failed', IconX, 'red'),
  cancelled: look('cancelled', IconPlayerStop, 'gray'),
  stopped_by_guard: look('stopped by guard', IconShieldX, 'red'),
} satisfies Record<string, StatusLook>;

const DATA_SET = {
  fresh: look('fresh', IconHeart, 'green'),
  late: look('late', IconClockExclamation, 'yellow'),
  stalled: look('stalled', IconWaveSine, 'red'),
  paused: look('paused', IconPlayerPause, 'gray'),
  never_synced: look('never synced', IconMinus, 'gray'),
  needs_resync: look('needs resync', IconAlertTriangle, 'red'),
  unknown: look('unknown', IconQuestionMark, 'gray'),
} satisfies Record<string, StatusLook>;

const CONFLICT = {
  open: look('open', IconGitFork, 'yellow'),
  proposed: look('proposed', IconPencil, 'violet'),
  resolved: look('resolved', IconCheck, 'green'),
  superseded: look('superseded', IconArrowRight, 'gray'),
} satisfies Record<string, StatusLook>;

const ALERT = {
  firing: look('firing', IconBell, 'red'),
  acknowledged: look('acknowledged', IconBellCheck, 'yellow'),
  snoozed: look('snoozed', IconBellZ, 'gray'),
  recovered: look('recovered', IconBellOff, 'green'),
} satisfies Record<string, StatusLook>;

/** A row of the ledger. */
const CHANGE = {
  pending: look('pending', IconClock, 'blue'),
  completed: look('completed', IconCheck, 'green'),
  failed: look('failed', IconX, 'red'),
  conflict: look('conflict', IconGitFork, 'yellow'),
  skipped: look('skipped', IconArrowRight, 'gray'),
} satisfies Record<string, StatusLook>;

const PART = {
  healthy: look('healthy', IconCheck, 'green'),
  unhealthy: look('needs you', IconAlertTriangle, 'red'),
} satisfies Record<string, StatusLook>;

/** The result of an audited act. */
const RESULT = {
  succeeded: look('succeeded', IconCheck, 'green'),
  refused: look('refused', IconShieldX, 'yellow'),
  failed: look('failed', IconX, 'red'),
} satisfies Record<string, StatusLook>;

/** Accounts, keys and schedules. */
const SETTING = {
  active: look('active', IconCheck, 'green'),
  paused: look('paused', IconPlayerPause, 'gray'),
  locked: look('locked', IconShieldX, 'yellow'),
  disabled: look('disabled', IconPlayerStop, 'gray'),
  expired: look('expired', IconClockExclamation, 'yellow'),
  revoked: look('revoked', IconX, 'gray'),
} satisfies Record<string, StatusLook>;

/** The one table of status words: kind of thing, status as the API names it, how it is shown. */
export const STATUS_WORDS = {
  run: RUN,
  data_set: DATA_SET,
  conflict: CONFLICT,
  alert: ALERT,
  change: CHANGE,
  part: PART,
  result: RESULT,
  setting: SETTING,
};

export type StatusKind = keyof typeof STATUS_WORDS;
export type StatusOf<K extends StatusKind> = keyof (typeof STATUS_WORDS)[K] & string;
export type RunStatus = StatusOf<'run'>;

/** A status that this page does not know, from a newer server, is shown as it is named and never crashes. */
export function lookOf(kind: StatusKind, status: string): StatusLook {
  const words: Record<string, StatusLook> = STATUS_WORDS[kind];
  const known = Object.hasOwn(words, status) ? words[status] : undefined;
  return known ?? look(status.replaceAll('_', ' '), IconQuestionMark, 'gray');
}

/** A run or an item of it in one of these states still moves, so its page asks every second. */
const MOVING: ReadonlySet<string> = new Set(['planning', 'queued', 'running', 'pausing', 'cancelling', 'verifying']);

/** True while a run in this state can change by itself soon. */
export function isMoving(status: string): boolean {
  return MOVING.has(status);
}
