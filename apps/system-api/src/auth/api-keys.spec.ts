import { type ApiKey, type CreatedApiKey } from '@astro/contracts';
import { watchLeaks } from '@astro/testing';
import { Person, startTestApi, type TestApi } from '../testing/api.fixture.js';

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

describe('API keys', () => {
  it('are told once, stored as a hash, and may do what their scopes say', async () => {
    const admin = await Person.withRole(url, 'admin');
    const made = await admin.post('/api/v1/api-keys', { name: 'ci', scopes: ['read'], expiresInDays: 1 });
    const { secret, apiKey } = made.body as CreatedApiKey;
    expect(made.status).toBe(201);
    expect(secret).toMatch(/^astro_[0-9a-f]{10}_[\w-]{43}$/);
    const with_ = (headers: Record<string, string>, path: string) => new Person(url).get(path, headers);
    expect((await with_({ 'x-api-key': secret }, '/api/v1/status')).status).toBe(200);
    expect((await with_({ authorization: `Bearer ${secret}` }, '/api/v1/status')).status).toBe(200);
    expect((await with_({ 'x-api-key': secret }, '/api/v1/audit')).status).toBe(403);
    expect((await with_({ 'x-api-key': secret }, '/api/v1/me')).status).toBe(403);
    expect((await with_({ 'x-api-key': secret, authorization: 'Bearer x' }, '/api/v1/status')).status).toBe(401);
    const wrong = secret.slice(0, -1) + (secret.endsWith('A') ? 'E' : 'A');
    expect((await with_({ 'x-api-key': wrong }, '/api/v1/status')).status).toBe(401);
    const listed = await admin.get('/api/v1/api-keys');
    expect(listed.body).toMatchObject({ items: [{ id: apiKey.id, state: 'active', lastUsedAddress: '127.0.0.1' }] });
    expect(listed.text + site.lines.join('')).not.toContain(secret);
    expect((await admin.delete(`/api/v1/api-keys/${apiKey.id}`)).status).toBe(204);
    expect((await with_({ 'x-api-key': secret }, '/api/v1/status')).status).toBe(401);
    const { items } = (await admin.get('/api/v1/api-keys')).body as { items: ApiKey[] };
    expect(items[0]).toMatchObject({ state: 'revoked', allowed: { revoke: { ok: false } } });
  });
});

describe('API keys that let nobody in', () => {
  const ask = (key: string, path = '/api/v1/status') => new Person(url).get(path, { 'x-api-key': key });
  const makeKey = async (maker: Person) => {
    const { body } = await maker.post('/api/v1/api-keys', { name: 'refused', scopes: ['read'] });
    return body as CreatedApiKey;
  };
  const refusals = async (prefix: string) =>
    site.sql(`SELECT result, address FROM entry_log WHERE action = 'auth.api_key' AND entity_id = $1`, [prefix]);

  it('are written down by their prefix, once a minute, never themselves', async () => {
    const { secret, apiKey } = await makeKey(await Person.withRole(url, 'admin'));
    const wrong = secret.slice(0, -1) + (secret.endsWith('A') ? 'E' : 'A');
    for (let i = 0; i < 3; i++) expect((await ask(wrong)).status).toBe(401);
    expect((await ask(secret)).status).toBe(200);
    expect(await refusals(apiKey.prefix)).toEqual([{ result: 'refused', address: '127.0.0.1' }]);
    const trail = JSON.stringify(await site.sql('SELECT * FROM entry_log'));
    expect(trail).not.toContain(wrong.slice(apiKey.prefix.length));
  });

  it('are written down also where strangers are let in', async () => {
    const prefix = 'astro_0123456789';
    expect([200, 503]).toContain((await ask(`${prefix}_${'a'.repeat(43)}`, '/health/ready')).status);
    expect(await refusals(prefix)).toHaveLength(1);
  });

  it('are those of somebody whose account is disabled', async () => {
    const { secret, apiKey } = await makeKey(await Person.withRole(url, 'admin'));
    expect((await ask(secret)).status).toBe(200);
    await site.sql(`UPDATE users SET disabled_at = now() WHERE role = 'admin'`);
    const { status } = await ask(secret);
    await site.sql(`UPDATE users SET disabled_at = NULL`);
    expect([status, (await ask(secret)).status]).toEqual([401, 200]);
    expect(await refusals(apiKey.prefix)).toHaveLength(1);
  });
});
