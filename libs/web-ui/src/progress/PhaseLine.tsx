import { RUN_PHASES, type RunPhase } from '@astro/contracts';
import { formatDuration } from '../time/format-time.js';
import { useTimeSettings } from '../time/time-settings.js';
import { pointName } from '../chart/chart-words.js';

/** When a phase began first, and for how long somebody worked in it. */
export interface PhaseTime {
  readonly phase: RunPhase;
  /** ISO 8601. */
  readonly from: string;
  readonly workedMs: number;
}

interface PhaseLineProps {
  readonly phase: RunPhase;
  readonly hasEnded: boolean;
  /** Of those phases of which it is known. */
  readonly times?: readonly PhaseTime[];
}

/** The phases in order: which are done, which is now, which are to come, and how long they took. */
export function PhaseLine({ phase, hasEnded, times = [] }: PhaseLineProps) {
  const settings = useTimeSettings();
  const current = RUN_PHASES.indexOf(phase);
  return (
    <ol className="phases" aria-label="Phases">
      {RUN_PHASES.map((name, index) => {
        const state = index < current || phase === 'done' ? 'done' : index === current ? 'now' : 'to come';
        const time = times.find((one) => one.phase === name);
        return (
          <li
            key={name}
            className={`phase phase-${state.replace(' ', '-')}`}
            {...(state === 'now' && !hasEnded && { 'aria-current': 'step' as const })}
          >
            {name}
            <span className="unseen">{state === 'now' && hasEnded ? ', ended here' : `, ${state}`}</span>
            {time && (
              <span className="phase-time" title={`began ${pointName(time.from, 'time', settings)}`}>
                {' '}
                {formatDuration(time.workedMs)}
                <span className="unseen">, began {pointName(time.from, 'time', settings)}</span>
              </span>
            )}
          </li>
        );
      })}
    </ol>
  );
}
