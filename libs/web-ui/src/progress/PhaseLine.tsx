import { RUN_PHASES, type RunPhase } from '@astro/contracts';

/** The phases in order: which are done, which is now, which are to come. */
export function PhaseLine({ phase, hasEnded }: { readonly phase: RunPhase; readonly hasEnded: boolean }) {
  const current = RUN_PHASES.indexOf(phase);
  return (
    <ol className="phases" aria-label="Phases">
      {RUN_PHASES.map((name, index) => {
        const state = index < current || phase === 'done' ? 'done' : index === current ? 'now' : 'to come';
        return (
          <li
            key={name}
            className={`phase phase-${state.replace(' ', '-')}`}
            {...(state === 'now' && !hasEnded && { 'aria-current': 'step' as const })}
          >
            {name}
            <span className="unseen">{state === 'now' && hasEnded ? ', ended here' : `, ${state}`}</span>
          </li>
        );
      })}
    </ol>
  );
}
