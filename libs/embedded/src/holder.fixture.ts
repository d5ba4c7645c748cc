import { startPostgres, startRedis } from './index.js';

/**
 * A program that holds servers for the specs: `holder.fixture.ts <folder> <way to end>`. It prints the process ids
 * and ends by itself (`exit`, `throw`) or waits to be ended (`wait`).
 */
async function main(): Promise<void> {
  const [dir = '', end = ''] = process.argv.slice(2);
  const postgres = await startPostgres({ dataDir: `${dir}/postgres`, password: 'of-the-spec' });
  const redis = await startRedis({ dir: `${dir}/redis` });
  process.stdout.write(`${JSON.stringify([postgres.pid, redis.pid])}\n`);
  if (end === 'exit') process.exit(0);
  if (end === 'throw') throw new Error('an uncaught error');
  process.stdin.resume();
}

void main();
