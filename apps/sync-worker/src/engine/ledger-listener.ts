import type { ClientConfig } from 'pg';
import { LEDGER_CHANNEL } from '@astro/ledger';
import type { Logger } from '@astro/runtime';
import { ChannelListener } from './channel-listener.js';

/** Hears of every append to the ledger, from whatever worker; what is missed while disconnected, the sweeper finds. */
export class LedgerListener extends ChannelListener {
  constructor(connection: ClientConfig, log: Logger, onTables: (tableIds: readonly number[]) => void) {
    const onNotified = (payload: string) => onTables(payload.split(',').map(Number));
    super(connection, { channel: LEDGER_CHANNEL, log, onNotified });
  }
}
