/** `npm run --silent info`: where everything is, as JSON. Exit code 0 only when it runs and is ready. */
import { runningPid, runningState } from './running.mjs';

const NOTHING = {
  healthy: false,
  web: null,
  api: null,
  databases: { operations: null, system: null, cache: null, queue: null },
  caFile: null,
  signIns: [],
};

async function info() {
  const state = runningState();
  if (!state) {
    const hint = runningPid() === null ? 'Nothing runs here; start it with: npm start' : 'It is starting.';
    return { ...NOTHING, hint };
  }
  const { web, api, databases, caFile, signIns, monitoringToken } = state;
  const ask = (child) => problemOf(child, monitoringToken);
  const problems = (await Promise.all(state.children.map(ask))).filter(Boolean);
  return { healthy: problems.length === 0, web, api, databases, caFile, signIns, hint: problems.join('\n') };
}

async function problemOf({ name, ready }, token) {
  try {
    const response = await fetch(ready, {
      signal: AbortSignal.timeout(5_000),
      headers: { authorization: `Bearer ${token}` },
    });
    if (response.ok) return null;
    const { components = [] } = await response.json();
    const parts = components.filter((component) => !component.healthy);
    return `${name} is not ready: ${parts.map((part) => `${part.name}: ${part.detail}`).join('; ')}`;
  } catch (error) {
    return `${name} does not answer: ${error.message}`;
  }
}

const { hint, ...answer } = await info();
process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
if (hint) process.stderr.write(`${hint}\n`);
process.exitCode = answer.healthy ? 0 : 1;
