import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { createLogger, explainStartError } from '@astro/runtime';
import { ConfigError } from '@astro/sync-core';
import { check } from './check.js';
import { init } from './init.js';
import { migrate } from './migrate.js';
import { resync } from './resync.js';
import { setup, teardown } from './setup.js';
import { status } from './status.js';
import { verify } from './verify.js';

const USAGE = `npm run sync -- <command>

  migrate                                  make or update the ledger in SystemDB
  setup                                    prepare OperationsDB and the target tables for the catalogue
  check                                    check the catalogue against the databases; changes nothing
  status                                   how every data set stands
  resync <data set ...> | --all            copy data sets again, beside the live stream
  verify <data set ...> | --all            compare source and target, beside the live stream; changes nothing
  init --operations <url> --out <file>     write a catalogue for an existing database
  teardown                                 take everything out of OperationsDB again`;

/** What a command says goes to the screen, line by line. */
export type Say = (line: string) => void;

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args);
  const [command, ...names] = positionals;
  const say: Say = (line) => console.log(line);
  switch (command) {
    case 'migrate':
      return migrate(process.env, say);
    case 'setup':
      return setup(process.env, say);
    case 'check':
      return check(process.env, say);
    case 'status':
      return status(process.env, say);
    case 'resync':
      return resync(process.env, { names, all: values.all === true, say });
    case 'verify':
      process.exitCode = (await verify(process.env, { names, all: values.all === true, say })) ? 0 : 1;
      return;
    case 'init':
      return init(process.env, { operations: values.operations, out: values.out, say });
    case 'teardown':
      return teardown(process.env, say);
    default:
      throw new ConfigError(command === undefined ? USAGE : `There is no command "${command}".\n\n${USAGE}`);
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { all: { type: 'boolean' }, operations: { type: 'string' }, out: { type: 'string' } },
    });
  } catch (error) {
    throw new ConfigError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(explainStartError(error, { program: 'sync', portVariable: '' }));
  if (process.env['LOG_LEVEL'] === 'debug') createLogger('sync').error({ event: 'sync.failed', err: error }, 'failed');
  process.exitCode = 1;
});
