import { type CreatedUser, type SessionList, type User, type UserPage } from '@astro/contracts';
import { watchLeaks } from '@astro/testing';
import { Person, startTestApi, type TestApi } from '../testing/api.fixture.js';

const noLeaks = watchLeaks();
let site: TestApi;
let admin: Person;

beforeAll(async () => {
  site = await startTestApi();
  admin = await Person.withRole(site.api.url, 'admin');
});
afterAll(async () => {
  await site.close();
  await noLeaks();
});
beforeEach(() => site.sql('DELETE FROM access.sign_in_failures'));

let count = 0;

interface Newcomer {
  readonly person: Person;
  readonly user: User;
  readonly password: string;
}

/** @returns somebody new who has signed in and chosen a password */
async function newcomer(role = 'viewer'): Promise<Newcomer> {
  const { person, user, password } = await beginner(role);
  const newPassword = `kettle-harbour-${count}`;
  expect((await person.post('/api/v1/me/password', { currentPassword: password, newPassword })).status).toBe(204);
  return { person, user, password: newPassword };
}

/** @returns somebody new who has signed in with the password that they were given */
async function beginner(role = 'viewer'): Promise<Newcomer> {
  const email = `person${++count}@example.org`;
  const made = (await admin.post('/api/v1/users', { email, name: `Person ${count}`, role })).body as CreatedUser;
  const person = new Person(site.api.url);
  const password = made.password ?? '';
  expect((await person.signIn(email, password)).status).toBe(200);
  return { person, user: made.user, password };
}

async function lastAction(): Promise<unknown> {
  return (await site.sql('SELECT action, entity_id, result, details FROM entry_log ORDER BY id DESC LIMIT 1'))[0];
}

describe('adding users', () => {
  it('makes a password that is told once and must be changed', async () => {
    const { person, user, password } = await beginner('operator');
    expect(password).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/);
    expect((await person.get('/api/v1/me')).body).toMatchObject({ role: 'operator', mustChangePassword: true });
    const page = await admin.get(`/api/v1/users?text=${user.email}`);
    expect((page.body as UserPage).items).toMatchObject([{ id: user.id, openSessions: 1, disabledAt: null }]);
    expect(page.text).not.toMatch(/password_hash|passwordHash|argon2/);
  });

  it('lets nobody do anything before they have changed the password they were given', async () => {
    const { person, user, password } = await beginner('admin');
    const needed = { status: 403, code: 'PASSWORD_CHANGE_NEEDED' };
    const asked = [
      ...['/api/v1/users', '/api/v1/runs', '/api/v1/me/sessions'].map((path) => person.get(path)),
      person.patch('/api/v1/me', { name: 'Somebody' }),
      person.post('/api/v1/api-keys', { name: 'mine', scopes: ['read'] }),
    ];
    for (const { body } of await Promise.all(asked)) expect(body).toMatchObject(needed);
    expect((await person.get('/health/ready')).body).toMatchObject({ components: [] });
    expect((await person.get('/api/v1/me')).body).toMatchObject({ mustChangePassword: true });
    expect((await person.refresh()).status).toBe(200);
    const change = { currentPassword: password, newPassword: 'harbour-kettle-49' };
    expect((await person.post('/api/v1/me/password', change)).status).toBe(204);
    expect((await person.get('/api/v1/users')).status).toBe(200);
    await admin.post(`/api/v1/users/${user.id}/password`, {});
    await admin.patch(`/api/v1/users/${user.id}`, { role: 'viewer' });
  });

  it.each([
    ['an address that is taken', { email: 'VIEWER@astrobookings.example' }, 409, 'EMAIL_TAKEN'],
    ['no address', { email: 'nobody' }, 400, 'INVALID_REQUEST'],
    ['an unknown role', { role: 'owner' }, 400, 'INVALID_REQUEST'],
    ['a weak password', { password: 'password1' }, 400, 'WEAK_PASSWORD'],
    ['its own name as password', { password: 'new.person1' }, 400, 'WEAK_PASSWORD'],
    ['fields that nobody may set', { password_hash: 'x' }, 400, 'INVALID_REQUEST'],
  ])('refuses %s', async (_name, change, status, code) => {
    const body = { email: 'new.person@example.org', name: 'New', role: 'viewer', ...change };
    expect((await admin.post('/api/v1/users', body)).body).toMatchObject({ status, code });
  });
});

it('writes down that an address was taken, and who was made', async () => {
  const body = { email: 'viewer@astrobookings.example', name: 'Again', role: 'admin' };
  expect((await admin.post('/api/v1/users', body)).status).toBe(409);
  expect(await lastAction()).toMatchObject({
    ...{ action: 'user.create', entity_id: null, result: 'refused' },
    details: { code: 'EMAIL_TAKEN', role: 'admin' },
  });
  const made = await admin.post('/api/v1/users', { ...body, email: 'again@example.org', role: 'viewer' });
  const { id } = (made.body as CreatedUser).user;
  expect(await lastAction()).toMatchObject({ action: 'user.create', entity_id: id, result: 'succeeded' });
});

it('refuses a name that cannot be stored', async () => {
  const { person } = await newcomer();
  const answer = await person.patch('/api/v1/me', { name: 'a\u0000b' });
  expect(answer.body).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
});

it('takes no prototype for a field', async () => {
  const response = await fetch(`${site.api.url}/api/v1/users`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${admin.accessToken}` },
    body: '{"email":"p@example.org","name":"P","role":"viewer","__proto__":{"role":"admin"}}',
  });
  expect(response.status).toBe(400);
});

describe('changing users', () => {
  it('disables at once, ends every session, and enables again', async () => {
    const { person, user, password } = await newcomer();
    const disabled = await admin.patch(`/api/v1/users/${user.id}`, { disabled: true });
    expect(disabled.body).toMatchObject({ openSessions: 0, allowed: { enable: { ok: true } } });
    expect((await person.get('/api/v1/me')).status).toBe(401);
    expect((await person.refresh()).status).toBe(401);
    expect((await person.signIn(user.email, password)).status).toBe(401);
    expect(await lastAction()).toMatchObject({ action: 'auth.sign_in', result: 'refused' });
    await admin.patch(`/api/v1/users/${user.id}`, { disabled: false });
    expect(await lastAction()).toMatchObject({
      action: 'user.change',
      entity_id: user.id,
      details: { before: { disabled: true }, after: { disabled: false } },
    });
    expect((await person.signIn(user.email, password)).status).toBe(200);
  });

  it('keeps the last administrator, also when two remove each other at the same time', async () => {
    const { items } = (await admin.get('/api/v1/users?text=admin@')).body as UserPage;
    const [own] = items;
    expect(own?.allowed).toMatchObject({ disable: { ok: false }, changeRole: { ok: false } });
    for (const change of [{ role: 'viewer' }, { disabled: true }]) {
      const answer = await admin.patch(`/api/v1/users/${own?.id}`, change);
      expect(answer.body).toMatchObject({ status: 409, code: 'LAST_ADMIN' });
      expect(await lastAction()).toMatchObject({
        ...{ action: 'user.change', entity_id: own?.id, result: 'refused' },
        details: { code: 'LAST_ADMIN', wanted: change },
      });
    }
    const other = await newcomer('admin');
    const answers = await Promise.all([
      admin.patch(`/api/v1/users/${other.user.id}`, { role: 'viewer' }),
      other.person.patch(`/api/v1/users/${own?.id}`, { role: 'viewer' }),
    ]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const [{ n } = { n: 0 }] = await site.sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM users WHERE role = 'admin' AND disabled_at IS NULL`,
    );
    expect(n).toBe(1);
    await site.sql(`UPDATE users SET role = 'admin' WHERE id = $1`, [own?.id]);
    await site.sql(`UPDATE users SET role = 'viewer' WHERE id = $1`, [other.user.id]);
  });

  it('lets nobody take the role from themselves', async () => {
    const { person, user } = await newcomer('admin');
    const answer = await person.patch(`/api/v1/users/${user.id}`, { role: 'viewer' });
    expect(answer.body).toMatchObject({ status: 409, code: 'NOT_YOURSELF' });
    expect(await lastAction()).toMatchObject({ action: 'user.change', result: 'refused' });
    const own = await person.post(`/api/v1/users/${user.id}/password`, {});
    expect(own.body).toMatchObject({ status: 409, code: 'NOT_YOURSELF' });
    expect(await lastAction()).toMatchObject({
      ...{ action: 'user.set_password', entity_id: user.id, result: 'refused', details: { code: 'NOT_YOURSELF' } },
    });
    await admin.patch(`/api/v1/users/${user.id}`, { role: 'viewer' });
  });

  it('signs out everywhere and sets a new password', async () => {
    const { person, user, password } = await newcomer();
    expect((await admin.delete(`/api/v1/users/${user.id}/sessions`)).body).toEqual({ ended: 1 });
    expect((await person.get('/api/v1/me')).status).toBe(401);
    const { body } = await admin.post(`/api/v1/users/${user.id}/password`, {});
    expect((await person.signIn(user.email, password)).status).toBe(401);
    expect((await person.signIn(user.email, (body as { password: string }).password)).status).toBe(200);
    expect(JSON.stringify(await site.sql('SELECT details FROM entry_log'))).not.toContain(
      (body as { password: string }).password,
    );
  });

  it.each(['0', 'abc', '99999999999999999999', '9223372036854775808', '1%20OR%201=1'])(
    'refuses the id %s',
    async (id) => {
      expect((await admin.patch(`/api/v1/users/${id}`, { name: 'x' })).status).toBe(400);
    },
  );
});

describe('me', () => {
  it('keeps name and preferences on the server', async () => {
    const { person } = await newcomer();
    const change = { name: 'Renamed', preferences: { zone: 'Europe/Madrid', theme: 'dark' } };
    expect((await person.patch('/api/v1/me', change)).status).toBe(200);
    expect((await person.get('/api/v1/me')).body).toMatchObject({
      name: 'Renamed',
      preferences: { zone: 'Europe/Madrid', theme: 'dark', density: 'normal', clock: '24h', shortcuts: true },
    });
    expect((await person.patch('/api/v1/me', { role: 'admin' })).status).toBe(400);
  });

  it('changes the password with the current one, and ends the other sessions', async () => {
    const { person, user, password } = await newcomer();
    const elsewhere = new Person(site.api.url);
    await elsewhere.signIn(user.email, password);
    const change = (currentPassword: string, newPassword: string) =>
      person.post('/api/v1/me/password', { currentPassword, newPassword });
    expect((await change('wrong', 'kettle-harbour-94')).body).toMatchObject({ status: 400, code: 'WRONG_PASSWORD' });
    expect((await change(password, 'password')).body).toMatchObject({ code: 'WEAK_PASSWORD' });
    expect((await change(password, password)).body).toMatchObject({ code: 'WEAK_PASSWORD' });
    expect((await change(password, 'kettle-harbour-94')).status).toBe(204);
    expect((await person.get('/api/v1/me')).body).toMatchObject({ mustChangePassword: false });
    expect((await elsewhere.get('/api/v1/me')).status).toBe(401);
    expect((await elsewhere.signIn(user.email, 'kettle-harbour-94')).status).toBe(200);
  });

  it('slows down guessing the current password', async () => {
    const { person } = await newcomer();
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) {
      const body = { currentPassword: 'wrong', newPassword: 'kettle-harbour-94' };
      statuses.push((await person.post('/api/v1/me/password', body)).status);
    }
    expect(statuses).toEqual([400, 400, 400, 400, 400, 429]);
  });

  it('shows where I am signed in and ends one of them, but nobody else’s', async () => {
    const { person, user, password } = await newcomer();
    const elsewhere = new Person(site.api.url);
    await elsewhere.signIn(user.email, password);
    const { items } = (await person.get('/api/v1/me/sessions')).body as SessionList;
    expect(items).toHaveLength(2);
    const other = items.find(({ current }) => !current);
    expect((await admin.delete(`/api/v1/me/sessions/${other?.id}`)).status).toBe(404);
    expect((await person.delete(`/api/v1/me/sessions/${other?.id}`)).status).toBe(204);
    expect((await elsewhere.get('/api/v1/me')).status).toBe(401);
    expect((await person.get('/api/v1/me')).status).toBe(200);
  });
});

describe('the first start', () => {
  it('makes one administrator with a random password, told once and kept in no log', async () => {
    const written: string[] = [];
    const spy = jest.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    const fresh = await startTestApi({ DEMO_SIGN_INS: 'false' });
    spy.mockRestore();
    const [, email = '', password = ''] = /\n {2}(\S+@\S+)\n {2}(\S+)\n/.exec(written.join('')) ?? [];
    const person = new Person(fresh.api.url);
    expect((await person.signIn(email, password)).body).toMatchObject({
      me: { role: 'admin', mustChangePassword: true },
    });
    expect(fresh.lines.join('')).not.toContain(password);
    expect(await fresh.sql('SELECT email FROM users')).toEqual([{ email }]);
    await fresh.close();
  });
});
