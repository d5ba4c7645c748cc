/** Notification channel of SystemDB on which every change of a run that a worker should see names the run's id. */
export const RUNS_CHANNEL = 'sync_runs';
