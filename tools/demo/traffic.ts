import { readOptions, USAGE, UsageError, type TrafficOptions } from './traffic/options.js';
import { runTraffic } from './traffic/run-traffic.js';
import { closePools, findTarget, NoTargetError, openPools } from './traffic/services.js';
import { Tally } from './traffic/tally.js';

/** `npm run demo:traffic`: the services of the platform at work, so that there is something to synchronize. */
async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  if (options === null) return console.log(USAGE);
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort());
  await send(options, stop.signal);
}

async function send(options: TrafficOptions, signal: AbortSignal): Promise<void> {
  const workers = Math.min(16, Math.max(4, Math.ceil(options.rate / 40)));
  const pools = await openPools(findTarget(process.env), workers);
  const tally = new Tally();
  console.log(`Sending ${options.rate} transactions per second; stop with Ctrl-C.`);
  const lines = setInterval(() => console.log(tally.line()), 1_000);
  try {
    await runTraffic({ pools, options, tally, workers, signal });
  } finally {
    clearInterval(lines);
    await closePools(pools);
    console.log(tally.summary());
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  if (error instanceof UsageError) console.error(`${error.message}\n\n${USAGE}`);
  else if (error instanceof NoTargetError) console.error(error.message);
  else console.error(`The traffic stopped: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
