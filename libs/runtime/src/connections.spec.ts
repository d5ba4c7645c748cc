import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConnectionUrlError } from './link-security.js';
import { postgresConfig } from './postgres-config.js';
import { redisOptions } from './redis-options.js';

const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const folder = mkdtempSync(join(tmpdir(), 'astro-runtime-'));
const caFile = join(folder, 'ca.pem');
const noPem = join(folder, 'empty.pem');
beforeAll(() => {
  writeFileSync(caFile, PEM);
  writeFileSync(noPem, 'nothing');
});
afterAll(() => rmSync(folder, { recursive: true }));

const postgres = (url: string, security = {}) => postgresConfig(url, { applicationName: 'test', ...security });
const redis = (url: string, security = {}) => redisOptions(url, { connectionName: 'test', ...security });

describe('postgresConfig', () => {
  it('decodes every part and pins the session', () => {
    const config = postgres('postgres://a%40b:p%2Fw@[::1]:6000/my%20db?sslmode=require&connect_timeout=3');
    expect(config).toMatchObject({ user: 'a@b', password: 'p/w', host: '::1', port: 6000, database: 'my db' });
    expect(config).toMatchObject({ application_name: 'test', keepAlive: true, connectionTimeoutMillis: 3000 });
    expect(config.options).toBe(
      '-c datestyle=ISO -c intervalstyle=postgres -c bytea_output=hex -c timezone=UTC -c extra_float_digits=3 ' +
        '-c row_security=off -c statement_timeout=0 -c idle_session_timeout=0 -c search_path=pg_catalog',
    );
  });

  it('escapes a search path', () => {
    const config = postgres('postgres://u@h/d', { allowPlaintext: true, searchPath: 'sync, pg_catalog' });
    expect(config.options).toContain('-c search_path=sync,\\ pg_catalog');
  });

  it.each(['require', 'verify-ca', 'verify-full'])('verifies certificate and name for sslmode=%s', (mode) => {
    const { ssl } = postgres(`postgres://u@db.example/d?sslmode=${mode}`, { caFile, allowPlaintext: true });
    expect(ssl).toEqual({
      host: 'db.example',
      servername: 'db.example',
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      ca: PEM,
    });
  });

  it('leaves the server name out for an address', () => {
    expect(postgres('postgres://u@127.0.0.1/d?sslmode=require').ssl).not.toHaveProperty('servername');
  });

  it.each([
    ['mode missing, CA given', '', { caFile }, true],
    ['mode prefer, CA given', '?sslmode=prefer', { caFile }, true],
    ['CA in the URL', `?sslrootcert=${caFile}`, {}, true],
    ['the CA of the URL wins', `?sslmode=require&sslrootcert=${caFile}`, { caFile: '/missing' }, true],
    ['the roots of the system', '?sslmode=verify-full&sslrootcert=system', {}, true],
    ['plaintext permitted', '', { allowPlaintext: true }, false],
    ['plaintext wanted and permitted', '?sslmode=disable', { allowPlaintext: true, caFile }, false],
  ])('%s', (_name, query, security, isEncrypted) => {
    expect(postgres(`postgres://u@h/d${query}`, security).ssl !== false).toBe(isEncrypted);
  });

  it.each([
    ['postgres://u@h/d', {}, 'would not be encrypted and verified'],
    ['postgres://u@h/d?sslmode=disable', { caFile }, 'ALLOW_PLAINTEXT=true'],
    ['postgres://u@h/d?sslmode=no-verify', { allowPlaintext: true }, '"no-verify" is not an sslmode'],
    ['postgres://u@h/d?sslmode=require&uselibpqcompat=true', {}, 'unsupported URL parameter uselibpqcompat'],
    ['postgres://u@h/d?sslmode=require&sslrootcert=/missing.pem', {}, 'cannot read the certificate file /missing.pem'],
    ['postgres://u@h/d?sslmode=require&sslcert=/a.pem', {}, 'sslcert and sslkey belong together'],
    ['postgres://u@h?sslmode=require', {}, 'names no database'],
    ['postgres://u:50%@h/d?sslmode=require', {}, 'write %25'],
    ['mysql://u@h/d', {}, 'expected a URL such as postgres://'],
    ['', {}, 'expected a URL'],
    ['postgres://u@h/d?sslmode=require&connect_timeout=-1', {}, 'whole number of seconds'],
  ])('refuses %s', (url, security, message) => {
    const attempt = () => postgres(url, security);
    expect(attempt).toThrow(ConnectionUrlError);
    expect(attempt).toThrow(message);
  });

  it('refuses a CA file without a certificate', () => {
    expect(() => postgres('postgres://u@h/d?sslmode=require', { caFile: noPem })).toThrow('holds no PEM certificate');
  });
});

describe('redisOptions', () => {
  it('decodes every part, verifies the server and fails fast', () => {
    const options = redis('rediss://ana:p%2Fw@cache.example:7000/2', { caFile });
    expect(options).toMatchObject({ host: 'cache.example', port: 7000, db: 2, username: 'ana', password: 'p/w' });
    expect(options.tls).toMatchObject({ servername: 'cache.example', rejectUnauthorized: true, ca: PEM });
    expect(options).toMatchObject({ connectionName: 'test', maxRetriesPerRequest: 1 });
  });

  it('lets the commands of a worker wait for ever', () => {
    expect(redis('rediss://h', { forWorker: true }).maxRetriesPerRequest).toBeNull();
  });

  it('connects anew and repeats the command when a primary became a replica', () => {
    const { reconnectOnError } = redis('rediss://h');
    expect(reconnectOnError?.(new Error('READONLY x'))).toBe(2);
    expect(reconnectOnError?.(new Error('ERR READONLY'))).toBe(false);
  });

  it('pauses between 50 ms and about 2 s before it connects again', () => {
    const { retryStrategy } = redis('rediss://h');
    for (const attempts of [1, 5, 1000]) {
      expect(retryStrategy?.(attempts)).toBeGreaterThanOrEqual(50);
      expect(retryStrategy?.(attempts)).toBeLessThanOrEqual(2050);
    }
  });

  it.each([
    ['redis://h', 'ALLOW_PLAINTEXT=true'],
    ['rediss://h/cache', 'a Redis database is a number'],
    ['rediss://h?db=1', 'take no parameters'],
    ['http://h', 'expected a URL such as rediss://'],
  ])('refuses %s', (url, message) => {
    expect(() => redis(url)).toThrow(message);
  });

  it('takes redis:// when plaintext is permitted', () => {
    expect(redis('redis://h', { allowPlaintext: true })).not.toHaveProperty('tls');
  });
});
