/** Notification channel of SystemDB on which every append names the tables it touched, as `id,id,…`. */
export const LEDGER_CHANNEL = 'sync_ledger';
