export { theme, cssVariables } from './theme.js';

export { StatusBadge } from './status/StatusBadge.js';
export {
  isMoving,
  lookOf,
  type RunStatus,
  type StatusKind,
  type StatusLook,
  type StatusOf,
} from './status/status-words.js';
export { VerbButton } from './status/VerbButton.js';
export { mayUse, runVerbs, type RunVerb } from './status/verbs.js';

export { type PhaseTime } from './progress/PhaseLine.js';
export { ProgressBlock } from './progress/ProgressBlock.js';
export { amountWords, figuresOf, hasEnded, type ProgressFigures } from './progress/progress-words.js';

export { TimeText } from './time/TimeText.js';
export { TextWithTimes } from './time/TextWithTimes.js';
export { Duration } from './time/Duration.js';
export { useNow } from './time/use-now.js';
export { TimeSettingsProvider, useTimeSettings } from './time/time-settings.js';
export {
  browserTimeSettings,
  formatAbsolute,
  formatAge,
  formatDuration,
  formatRelative,
  type TimeSettings,
} from './time/format-time.js';

export { DataTable } from './table/DataTable.js';
export { DensityProvider } from './table/table-layout.js';
export {
  type DataColumn,
  type DataTableProps,
  type TablePaging,
  type TableSelection,
  type TableSort,
} from './table/table-props.js';

export { ScrollTable } from './table/ScrollTable.js';

export { ConfirmDialog } from './dialog/ConfirmDialog.js';
export { type Confirmation, type ConfirmDialogProps } from './dialog/confirm-props.js';
export { type ConfirmTier } from './dialog/confirm-state.js';

export { ChartCard } from './chart/ChartCard.js';
export { SpanCard } from './chart/SpanCard.js';
export { type SpanPart } from './chart/span-words.js';
export { type ChartCardProps, type ChartMarker, type ChartPoint, type ChartSeries } from './chart/chart-props.js';

export { EmptyState } from './states/EmptyState.js';
export { FailedState } from './states/FailedState.js';
export { type MissingPart } from './states/PartialBanner.js';
export { type ProblemText } from './states/problem-text.js';
export { Bars, LoadingState, TableSkeleton } from './states/Skeletons.js';
export { ViewStates, type ViewStatesProps } from './states/ViewStates.js';

export { CopyButton } from './bits/CopyButton.js';
export { FilterChips, type FilterChip } from './bits/FilterChips.js';
export { formatCount, formatPercent, formatRows } from './bits/format-number.js';
export { LinkProvider, TextLink } from './bits/link.js';
export { OriginChip } from './bits/OriginChip.js';
export { originOfChange, originOfInitiator, originWords, type OriginFacts } from './bits/origin-facts.js';
export { ValueText } from './bits/ValueText.js';
