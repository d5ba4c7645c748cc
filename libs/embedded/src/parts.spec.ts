import { X509Certificate, createPrivateKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from './authority.js';
import { accessFile, settingsFile } from './postgres-config.js';
import { redisBinary } from './redis-binary.js';
import { redisConfig } from './redis-config.js';
import { until } from './until.js';

describe('createAuthority', () => {
  const DAY_MS = 86_400_000;
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'astro-authority-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const read = (file: string) => new X509Certificate(readFileSync(file));

  it('issues a certificate for the local addresses', async () => {
    const { caFile, certFile } = await createAuthority(dir);
    const certificate = read(certFile);
    expect(certificate.verify(read(caFile).publicKey)).toBe(true);
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkHost('example.org')).toBeUndefined();
    expect([read(caFile).ca, certificate.ca]).toEqual([true, false]);
  });

  it('uses again what is there, and renews in time', async () => {
    const serials = async (afterDays: number) => {
      const { caFile, certFile } = await createAuthority(dir, Date.now() + afterDays * DAY_MS);
      return { ca: read(caFile).serialNumber, server: read(certFile).serialNumber };
    };
    const first = await serials(0);
    expect(await serials(366)).toEqual(first);
    const second = await serials(368);
    expect(second.ca).toBe(first.ca);
    expect(second.server).not.toBe(first.server);
    const third = await serials(3_650 - 426);
    expect(third.ca).not.toBe(first.ca);
  });

  it.each(['ca.pem', 'ca-key.pem', 'server.pem', 'server-key.pem'])(
    'makes %s anew when it is damaged',
    async (name) => {
      await createAuthority(dir);
      writeFileSync(join(dir, name), '-----BEGIN');
      const { caFile, certFile, keyFile } = await createAuthority(dir);
      expect(read(certFile).verify(read(caFile).publicKey)).toBe(true);
      expect(read(certFile).checkPrivateKey(createPrivateKey(readFileSync(keyFile)))).toBe(true);
    },
  );

  it('does not verify what another authority issued', async () => {
    const one = await createAuthority(join(dir, 'one'));
    const two = await createAuthority(join(dir, 'two'));
    expect(read(one.certFile).verify(read(two.caFile).publicKey)).toBe(false);
  });
});

describe('the settings of PostgreSQL', () => {
  it('quotes values and lets the given ones win', () => {
    const lines = settingsFile(5432, false, { wal_level: 'replica', fsync: false, search_path: `"it's"` }).split('\n');
    expect(lines).toEqual(expect.arrayContaining([`wal_level = 'replica'`, 'fsync = off', `search_path = '"it''s"'`]));
    expect(lines.filter((line) => line.startsWith('ssl'))).toEqual([]);
  });

  it('lets in passwords only, over TLS when there is TLS', () => {
    expect(accessFile(true)).toBe(
      'hostssl all all 127.0.0.1/32 scram-sha-256\nhostssl replication all 127.0.0.1/32 scram-sha-256\n',
    );
    expect(accessFile(false)).toMatch(/^host all all 127\.0\.0\.1\/32 scram-sha-256\n/);
  });
});

describe('the settings of Redis', () => {
  const base = { dir: '/a "b"', port: 7000, password: 'p\\w', settings: {} };

  it('closes the plain port when there is TLS', () => {
    const lines = redisConfig({ ...base, tls: true }).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining(['port 0', 'tls-port 7000', 'dir "/a \\"b\\""', 'requirepass "p\\\\w"']),
    );
  });

  it('lets the given ones win', () => {
    expect(redisConfig({ ...base, tls: false, settings: { appendonly: 'no' } })).toMatch(/^appendonly no$/m);
  });
});

describe('redisBinary', () => {
  it('takes the first way that leads somewhere', async () => {
    const announced: string[] = [];
    const ways = [
      () => undefined,
      (announce: (text: string) => void) => (announce('installing'), '/bin/server'),
      () => '/late',
    ];
    expect(await redisBinary((text) => announced.push(text), ways)).toBe('/bin/server');
    expect(announced).toEqual(['installing']);
  });

  it('names all four ways when none does', async () => {
    const text = /CACHE_REDIS_URL and QUEUE_REDIS_URL.*on PATH.*apt-get install redis-server.*redis-memory-server/s;
    await expect(redisBinary(() => {}, [])).rejects.toThrow(text);
  });
});

describe('until', () => {
  it('gives nothing when the time is over, and what was seen otherwise', async () => {
    expect(await until(() => false, { timeoutMs: 1 })).toBeUndefined();
    let looks = 0;
    expect(await until(() => ++looks === 2 && 'seen', { timeoutMs: 1_000 })).toBe('seen');
  });
});
