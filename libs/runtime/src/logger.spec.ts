import { createLogger, type Logger } from './logger.js';

const CANARY = 'c4nary-5ecret';
const url = `postgres://ana:${CANARY}@db:5432/x`;

/** As `ioredis` makes it. */
function redisError(): Error {
  return Object.assign(new Error('WRONGPASS'), { command: { name: 'auth', args: ['default', CANARY] } });
}

function captured(write: (log: Logger) => void): string {
  const lines: string[] = [];
  write(createLogger('sync-worker', { destination: { write: (line) => void lines.push(line) } }));
  return lines.join('');
}

it('writes one JSON line with the fields an operator greps for', () => {
  const text = captured((log) => log.warn({ event: 'lane.stalled', lane: 'orders', position: '0/1' }, 'no progress'));
  expect(text.endsWith('\n')).toBe(true);
  expect(JSON.parse(text)).toEqual({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
    level: 'warn',
    service: 'sync-worker',
    pid: process.pid,
    host: expect.any(String) as string,
    event: 'lane.stalled',
    lane: 'orders',
    position: '0/1',
    msg: 'no progress',
  });
});

it('keeps type, code, message, stack and cause of an error', () => {
  const error = Object.assign(new TypeError('outer', { cause: new Error('inner') }), { code: '57P01' });
  const line = JSON.parse(captured((log) => log.error({ event: 'x', error }))) as { error: Record<string, unknown> };
  expect(line.error).toMatchObject({ type: 'TypeError', message: 'outer', code: '57P01', cause: { message: 'inner' } });
  expect(line.error['stack']).toContain('logger.spec');
});

it.each<[string, (log: Logger) => void]>([
  ['message', (log) => log.info(`connecting to ${url}`)],
  ['format argument', (log) => log.info('connecting to %s', url)],
  ['field that holds a URL', (log) => log.info({ url }, 'x')],
  ['nested secret field', (log) => log.info({ a: { b: [{ password: CANARY }] } }, 'x')],
  ['request header', (log) => log.info({ req: { headers: { authorization: `Bearer ${CANARY}` } } }, 'x')],
  ['cookie', (log) => log.info({ headers: { 'set-cookie': [`sid=${CANARY}`] } }, 'x')],
  ['URL parameter', (log) => log.info({ url: `/hook?access_token=${CANARY}` }, 'x')],
  ['error', (log) => log.error(new Error(`failed: ${url}`))],
  ['error with a message', (log) => log.error({ error: new Error(url) }, 'failed')],
  ['cause of an error', (log) => log.error({ error: new Error('x', { cause: new Error(url) }) })],
  ['property of an error', (log) => log.error({ error: Object.assign(new Error('x'), { password: CANARY }) })],
  ['arguments of a Redis command', (log) => log.error({ error: redisError() })],
  ['arguments of a Redis command in the cause', (log) => log.error(new Error('x', { cause: redisError() }))],
  ['child logger', (log) => log.child({ url, token: CANARY }).info('x')],
  ['grandchild logger', (log) => log.child({ a: 1 }).child({ url }).info('x')],
  ['URL object', (log) => log.info({ url: new URL(url) }, 'x')],
  ['JSON text', (log) => log.info({ body: JSON.stringify({ url }) }, 'x')],
])('never writes a secret that came in as: %s', (_name, write) => {
  const text = captured(write);
  expect(text).not.toContain(CANARY);
  expect(() => JSON.parse(text) as unknown).not.toThrow();
});

it('drops lines below its level', () => {
  const lines: string[] = [];
  createLogger('x', { level: 'warn', destination: { write: (line) => void lines.push(line) } }).info('quiet');
  expect(lines).toEqual([]);
});
