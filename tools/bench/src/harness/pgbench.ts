import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { BenchError } from '../errors.js';
import type { BankWriterOptions } from '../programs/bank-writer.js';
import { PROGRAMS } from './paths.js';
import { Program } from './program.js';

export interface LoadOptions {
  readonly url: string;
  readonly caFile: string;
  readonly connections: number;
  readonly seconds: number;
}

/** Makes TPC-B-like transactions as fast as the server takes them. */
export interface LoadMaker {
  readonly name: 'pgbench' | 'own writer';
  /** @returns transactions per second */
  run(options: LoadOptions): Promise<number>;
}

const DEBIAN = '/usr/lib/postgresql';

/** pgbench where it is installed, else a small writer of our own, which loads the machine more. */
export function loadMaker(): LoadMaker {
  const program = findPgbench();
  if (program === undefined) return { name: 'own writer', run: runOwnWriter };
  return { name: 'pgbench', run: (options) => runPgbench(program, options) };
}

function findPgbench(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...versions.map((name) => join(DEBIAN, name, 'bin'))];
  return folders.map((folder) => join(folder, 'pgbench')).find(existsSync);
}

function runPgbench(program: string, { url, caFile, connections, seconds }: LoadOptions): Promise<number> {
  const { username, password, port, pathname } = new URL(url);
  const threads = String(Math.min(2, connections));
  return ratePrintedBy({
    name: 'pgbench',
    command: program,
    args: ['-n', '-c', String(connections), '-j', threads, '-T', String(seconds), '-M', 'prepared'],
    env: {
      PATH: process.env.PATH,
      PGHOST: 'localhost', // older clients do not verify an address, only a name
      PGHOSTADDR: '127.0.0.1',
      PGPORT: port,
      PGDATABASE: pathname.slice(1),
      PGUSER: decodeURIComponent(username),
      PGPASSWORD: decodeURIComponent(password),
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: caFile,
    },
  });
}

function runOwnWriter({ url, connections, seconds }: LoadOptions): Promise<number> {
  const options = JSON.stringify({ url, connections, seconds } satisfies BankWriterOptions);
  return ratePrintedBy({
    name: 'the writer',
    command: process.execPath,
    args: ['--import', 'tsx', join(PROGRAMS, 'bank-writer.ts'), options],
    env: process.env,
  });
}

async function ratePrintedBy(options: Parameters<typeof Program.start>[0]): Promise<number> {
  const output = (await Program.start(options).finished()).join('\n');
  const [, rate] = /^tps = ([\d.]+)/m.exec(output) ?? [];
  if (rate === undefined) throw new BenchError(`${options.name} did not say its rate:\n${output}`);
  return Number(rate);
}
