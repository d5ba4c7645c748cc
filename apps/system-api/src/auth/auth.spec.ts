import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { signedInSchema, type SignedIn } from '@astro/contracts';
import { watchLeaks } from '@astro/testing';
import { JwtService } from '@nestjs/jwt';
import { cookieOf, Person, startTestApi, type TestApi } from '../testing/api.fixture.js';
import { DEMO_SIGN_INS } from '../users/first-users.js';

const noLeaks = watchLeaks();
let site: TestApi;
let url: string;

beforeAll(async () => {
  site = await startTestApi();
  url = site.api.url;
});
afterAll(async () => {
  await site.close();
  await noLeaks();
});
beforeEach(() => site.sql('DELETE FROM access.sign_in_failures'));

const viewer = DEMO_SIGN_INS.find(({ role }) => role === 'viewer');
const EMAIL = viewer?.email ?? '';
const PASSWORD = viewer?.password ?? '';

async function actions(since: string): Promise<unknown[]> {
  const rows = await site.sql(
    `SELECT action, result, initiator_kind, initiator_name FROM entry_log WHERE id > $1 ORDER BY id`,
    [since],
  );
  return rows.map((row) => Object.values(row).join(' '));
}

async function lastEntry(): Promise<string> {
  const [row] = await site.sql<{ id: string }>(`SELECT coalesce(max(id), 0)::text AS id FROM entry_log`);
  return row?.id ?? '0';
}

describe('sign-in', () => {
  it('gives an access token for ten minutes and a cookie out of reach of scripts', async () => {
    const since = await lastEntry();
    const answer = await new Person(url).signIn(` ${EMAIL.toUpperCase()}`, PASSWORD);
    const { expiresAt, sessionExpiresAt, me } = signedInSchema.parse(answer.body);
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(600_000);
    expect(Date.parse(sessionExpiresAt) - Date.now()).toBeLessThanOrEqual(12 * 3_600_000);
    expect(me).toMatchObject({ email: EMAIL, role: 'viewer', preferences: { theme: 'auto' } });
    expect(answer.headers.get('set-cookie')).toMatch(
      /^astro_refresh=[\w-]{43}; Path=\/api\/v1\/auth; Expires=[^;]+; HttpOnly; SameSite=Strict$/,
    );
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await actions(since)).toEqual([`auth.sign_in succeeded user ${EMAIL}`]);
  });

  it('stores no token and no password, only hashes', async () => {
    const person = await Person.withRole(url, 'viewer');
    const [{ dump } = { dump: '' }] = await site.sql<{ dump: string }>(
      `SELECT (SELECT json_agg(u) FROM users u)::text || (SELECT json_agg(s) FROM access.sessions s)::text
         || (SELECT json_agg(t) FROM access.refresh_tokens t)::text || (SELECT json_agg(e) FROM entry_log e)::text AS dump`,
    );
    expect(dump).toContain('$argon2id$v=19$m=19456,t=2,p=1$');
    for (const secret of [person.accessToken, person.cookie.split('=')[1], PASSWORD])
      expect(dump).not.toContain(secret);
  });

  it.each([
    ['a wrong password', EMAIL, 'wrong'],
    ['an unknown account', 'nobody@astrobookings.example', PASSWORD],
    ['a disabled account', 'auditor@astrobookings.example', 'astro-demo-auditor'],
  ])('answers %s the same, and writes it down', async (_name, email, password) => {
    await site.sql(`UPDATE users SET disabled_at = now() WHERE role = 'auditor'`);
    const since = await lastEntry();
    const answer = await new Person(url).signIn(email, password);
    await site.sql(`UPDATE users SET disabled_at = NULL`);
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({
      code: 'WRONG_SIGN_IN',
      detail: 'The e-mail address or the password is wrong.',
    });
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(await actions(since)).toEqual([`auth.sign_in refused anonymous ${email}`]);
  });

  it('does not keep what was typed into the wrong field', async () => {
    const since = await lastEntry();
    await new Person(url).signIn('my secret password', 'x');
    expect(await actions(since)).toEqual(['auth.sign_in refused anonymous (no e-mail address)']);
  });

  it('takes an unknown account as long as a known one', async () => {
    const medianMs = async (email: string) => {
      const times: number[] = [];
      for (let i = 0; i < 7; i++) {
        await site.sql('DELETE FROM access.sign_in_failures');
        const startedAtMs = performance.now();
        await new Person(url).signIn(email, 'wrong');
        times.push(performance.now() - startedAtMs);
      }
      return times.sort((a, b) => a - b)[3] ?? 0;
    };
    await medianMs(EMAIL);
    const [known, unknown] = [await medianMs(EMAIL), await medianMs('nobody@astrobookings.example')];
    expect(unknown / known).toBeGreaterThan(0.4);
    expect(unknown / known).toBeLessThan(2.5);
  });

  it('brings the hash of earlier parameters up', async () => {
    const weak = await (await import('argon2')).hash(PASSWORD, { memoryCost: 4096, timeCost: 2, parallelism: 1 });
    await site.sql(`UPDATE users SET password_hash = $1 WHERE role = 'viewer'`, [weak]);
    await Person.withRole(url, 'viewer');
    const [row] = await site.sql<{ password_hash: string }>(`SELECT password_hash FROM users WHERE role = 'viewer'`);
    expect(row?.password_hash).toContain('m=19456');
  });
});

describe('guessing', () => {
  it('is slowed down for one account from one address, and the owner gets in afterwards', async () => {
    const guess = () => new Person(url).signIn(EMAIL, 'wrong');
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) statuses.push((await guess()).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    const since = await lastEntry();
    const refused = await new Person(url).signIn(EMAIL, PASSWORD);
    expect(refused.body).toMatchObject({ status: 429, code: 'TOO_MANY_TRIES' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await actions(since)).toEqual([`auth.sign_in refused anonymous ${EMAIL}`]);
    await site.sql(`UPDATE access.sign_in_failures SET blocked_until = now()`);
    expect((await new Person(url).signIn(EMAIL, PASSWORD)).status).toBe(200);
  });

  it('does not slip through when it comes all at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => new Person(url).signIn(EMAIL, 'wrong')));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
  });

  it('is slowed down for one address over many accounts', async () => {
    await site.sql(
      `INSERT INTO access.sign_in_failures (subject, failures, blocked_until)
       VALUES ('source:127.0.0.1', 31, now() + interval '1 minute')`,
    );
    expect((await new Person(url).signIn('somebody@astrobookings.example', 'wrong')).status).toBe(429);
  });

  it('is slowed down for one IPv6 network, and counters that are forgotten go with the next try', async () => {
    const proxied = await startTestApi({ TRUSTED_PROXIES: '127.0.0.1' });
    await proxied.sql(
      `INSERT INTO access.sign_in_failures (subject, failures, blocked_until, last_at)
       VALUES ('source:2001:db8:0:7::/64', 31, now() + interval '1 minute', now()),
              ('source:203.0.113.9', 31, now(), now() - interval '25 hours')`,
    );
    const from = (address: string) =>
      new Person(proxied.api.url).post(
        '/api/v1/auth/sign-in',
        { email: 'somebody@astrobookings.example', password: 'wrong' },
        { 'x-forwarded-for': address },
      );
    const statuses: number[] = [];
    for (const address of ['2001:db8:0:7::1', '2001:db8:0:7:aaaa::2', '2001:db8:0:8::1']) {
      statuses.push((await from(address)).status);
    }
    const forgotten = await proxied.sql(`SELECT 1 FROM access.sign_in_failures WHERE subject = 'source:203.0.113.9'`);
    await proxied.close();
    expect(statuses).toEqual([429, 429, 401]);
    expect(forgotten).toEqual([]);
  });

  it('from everywhere does not lock the owner out at an address where they have signed in', async () => {
    await Person.withRole(url, 'viewer');
    await site.sql(
      `INSERT INTO access.sign_in_failures (subject, failures, blocked_until)
       SELECT 'account:' || translate(rtrim(encode(sha256($1::bytea), 'base64'), '='), '+/', '-_'), 99, now() + interval '1 hour'`,
      [EMAIL],
    );
    expect((await new Person(url).signIn(EMAIL, PASSWORD)).status).toBe(200);
  });
});

describe('refreshing', () => {
  it('gives the next token and works on', async () => {
    const person = await Person.withRole(url, 'viewer');
    const before = person.cookie;
    expect((await person.refresh()).status).toBe(200);
    expect(person.cookie).not.toBe(before);
    expect((await person.get('/api/v1/me')).status).toBe(200);
  });

  it('bears two windows that refresh at the same time', async () => {
    const person = await Person.withRole(url, 'viewer');
    const { cookie } = person;
    const answers = await Promise.all([person.refresh(cookie), person.refresh(cookie), person.refresh(cookie)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    for (const answer of answers) expect((await person.refresh(cookieOf(answer))).status).toBe(200);
  });

  it('ends the session when a used token comes back later', async () => {
    const person = await Person.withRole(url, 'viewer');
    const stolen = person.cookie;
    await person.refresh();
    await site.sql(`UPDATE access.refresh_tokens SET used_at = used_at - interval '1 minute'`);
    const since = await lastEntry();
    expect((await new Person(url).refresh(stolen)).body).toMatchObject({ status: 401, code: 'SESSION_ENDED' });
    expect(await actions(since)).toEqual(['auth.refresh_reuse refused anonymous somebody not signed in']);
    expect((await person.refresh()).status).toBe(401);
    expect((await person.get('/api/v1/me')).status).toBe(401);
  });

  it('ends the session when a used token comes back soon, but after its successor was used', async () => {
    const person = await Person.withRole(url, 'viewer');
    const stolen = person.cookie;
    await person.refresh();
    await person.refresh();
    const since = await lastEntry();
    expect((await new Person(url).refresh(stolen)).body).toMatchObject({ status: 401, code: 'SESSION_ENDED' });
    expect(await actions(since)).toEqual(['auth.refresh_reuse refused anonymous somebody not signed in']);
    expect((await person.get('/api/v1/me')).status).toBe(401);
  });

  it.each([
    ['is over', `UPDATE access.sessions SET expires_at = now()`],
    ['was not used for long', `UPDATE access.sessions SET idle_at = now()`],
    ['belongs to a disabled user', `UPDATE users SET disabled_at = now() WHERE role = 'viewer'`],
  ])('does nothing for a session that %s', async (_name, change) => {
    const person = await Person.withRole(url, 'viewer');
    await site.sql(change);
    const statuses = [(await person.refresh()).status, (await person.get('/api/v1/me')).status];
    await site.sql(`UPDATE users SET disabled_at = NULL`);
    expect(statuses).toEqual([401, 401]);
  });

  it('needs the header that no other site can send', async () => {
    const person = await Person.withRole(url, 'viewer');
    const answer = await fetch(`${url}/api/v1/auth/refresh`, { method: 'POST', headers: { cookie: person.cookie } });
    expect(answer.status).toBe(403);
    const preflight = await fetch(`${url}/api/v1/auth/refresh`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://evil.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-requested-with',
      },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('takes no refresh token as access token, and none of two cookies', async () => {
    const person = await Person.withRole(url, 'viewer');
    const token = person.cookie.split('=')[1] ?? '';
    expect((await new Person(url).get('/api/v1/me', { authorization: `Bearer ${token}` })).status).toBe(401);
    expect((await person.refresh(`${person.cookie}; astro_refresh=planted`)).status).toBe(401);
  });
});

describe('signing out', () => {
  it('ends the session at once', async () => {
    const person = await Person.withRole(url, 'viewer');
    const since = await lastEntry();
    const answer = await person.signOut();
    expect(answer.status).toBe(204);
    expect(answer.headers.get('set-cookie')).toMatch(/^astro_refresh=; Path=\/api\/v1\/auth; Expires=Thu, 01 Jan 1970/);
    expect((await person.get('/api/v1/me')).status).toBe(401);
    expect((await person.refresh()).status).toBe(401);
    expect(await actions(since)).toEqual([`auth.sign_out succeeded user ${EMAIL}`]);
  });
});

describe('forged access tokens', () => {
  const jwt = new JwtService();
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  let real: { kid: string; sub: string; sid: string; publicKey: KeyObject };

  beforeAll(async () => {
    const { accessToken } = await Person.withRole(url, 'viewer');
    const { header, payload } = jwt.decode<{ sub: string; sid: string }>(accessToken, { complete: true });
    const [row] = await site.sql<{ public_key: string }>('SELECT public_key FROM access.signing_keys');
    const publicKey = createPublicKey(row?.public_key ?? '');
    real = { kid: header.kid ?? '', sub: payload.sub, sid: payload.sid, publicKey };
  });

  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = () => {
    const nowS = Math.floor(Date.now() / 1_000);
    const audience = { iss: 'astro-system-api', aud: 'astro-system-api' };
    return { ...audience, sub: real.sub, sid: real.sid, iat: nowS, nbf: nowS, exp: nowS + 300 };
  };
  const hmac = (header: object, secret: string) => {
    const signed = `${encode(header)}.${encode(claims())}`;
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
  };
  const signedBy = (key: KeyObject, header: object, payload: object = claims()) =>
    jwt.sign(payload, { privateKey: key, algorithm: 'ES256', header: { alg: 'ES256', typ: 'at+jwt', ...header } });

  it.each<[string, () => string]>([
    ['without signature', () => `${encode({ alg: 'none', typ: 'at+jwt', kid: real.kid })}.${encode(claims())}.`],
    [
      'HS256 with the public key',
      () =>
        hmac(
          { alg: 'HS256', typ: 'at+jwt', kid: real.kid },
          real.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
        ),
    ],
    ['by another key under our key id', () => signedBy(other.privateKey, { kid: real.kid })],
    ['by another key with an unknown id', () => signedBy(other.privateKey, { kid: 'A'.repeat(22) })],
    [
      'by a key in its own header',
      () => signedBy(other.privateKey, { jwk: other.publicKey.export({ format: 'jwk' }) }),
    ],
    ['with a key id that is SQL', () => signedBy(other.privateKey, { kid: "' OR 1=1 --" })],
    ['that is no token', () => 'a.b.c'],
  ])('%s are refused', async (_name, token) => {
    expect((await new Person(url).get('/api/v1/me', { authorization: `Bearer ${token()}` })).status).toBe(401);
  });

  it.each<[string, number, object, object]>([
    ['is right', 200, {}, {}],
    ['is for somebody else', 401, {}, { aud: 'other' }],
    ['is from somebody else', 401, {}, { iss: 'other' }],
    ['is expired', 401, {}, { exp: Math.floor(Date.now() / 1_000) - 60 }],
    ['never expires', 401, {}, { exp: undefined }],
    ['is not valid yet', 401, {}, { nbf: Math.floor(Date.now() / 1_000) + 600 }],
    ['is too old', 401, {}, { iat: Math.floor(Date.now() / 1_000) - 3_600 }],
    ['is of another type', 401, { typ: 'JWT' }, {}],
    ['names another user', 401, {}, { sub: '4' }],
    ['names another session', 401, {}, { sid: '00000000-0000-4000-8000-000000000000' }],
    ['names no session', 401, {}, { sid: undefined }],
  ])('a token of our own key that %s: %d', async (_name, status, header, change) => {
    const kid = 'K'.repeat(22);
    await site.sql(
      `INSERT INTO access.signing_keys (kid, public_key, expires_at) VALUES ($1, $2, now() + interval '1 hour')
       ON CONFLICT DO NOTHING`,
      [kid, other.publicKey.export({ type: 'spki', format: 'pem' })],
    );
    const payload = Object.fromEntries(
      Object.entries({ ...claims(), ...change }).filter(([, value]) => value !== undefined),
    );
    const authorization = `Bearer ${signedBy(other.privateKey, { kid, ...header }, payload)}`;
    expect((await new Person(url).get('/api/v1/me', { authorization })).status).toBe(status);
  });
});

describe('the cookie', () => {
  it('is sent by https alone when people reach the API by https', async () => {
    const secure = await startTestApi({ PUBLIC_URL: 'https://system.astrobookings.example' });
    const answer = await new Person(secure.api.url).signIn(EMAIL, PASSWORD);
    await secure.close();
    expect((answer.body as SignedIn).accessToken).not.toBe('');
    expect(answer.headers.get('set-cookie')).toMatch(/^__Secure-astro_refresh=.*; HttpOnly; Secure; SameSite=Strict$/);
  });
});
