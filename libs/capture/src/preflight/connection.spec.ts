import { createServer, type AddressInfo } from 'node:net';
import type { ClientConfig } from 'pg';
import { ConfigError } from '@astro/sync-core';
import { postgresConfig } from '@astro/runtime';
import { testServers } from '@astro/testing';
import { connectionProblem, connectOrExplain } from './connection-problem.js';

const NAME = { endpoint: 'OperationsDB', variable: 'OPERATIONS_DATABASE_URL' };
const { operations, caFile, untrustedCaFile } = testServers();

/** The address of the test server with some parts replaced. */
function config(change: Partial<Pick<URL, 'hostname' | 'port' | 'username' | 'password' | 'pathname'>>): ClientConfig {
  const url = Object.assign(new URL(operations), change);
  return postgresConfig(url.href, { applicationName: 'connection-spec', caFile });
}

async function messageOf(wanted: ClientConfig): Promise<string> {
  try {
    await (await connectOrExplain(wanted, NAME)).end();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'connected';
}

it('connects when everything is right', async () => {
  expect(await messageOf(config({}))).toBe('connected');
});

it('says that nothing listens there', async () => {
  const listener = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => listener.once('listening', resolve));
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => listener.close(resolve));
  expect(await messageOf(config({ hostname: '127.0.0.1', port: String(port) }))).toBe(
    `OperationsDB  nothing listens on 127.0.0.1:${port}; ` +
      'start the server, or correct host and port in OPERATIONS_DATABASE_URL',
  );
});

it('says that a password is wrong, and does not repeat it', async () => {
  const { username } = new URL(operations);
  const message = await messageOf(config({ password: 'geheim' }));
  expect(message).toBe(
    `OperationsDB  the server refuses the password of role "${username}"; correct the password in OPERATIONS_DATABASE_URL`,
  );
});

it('says that there is no such database', async () => {
  const { host, port } = config({});
  expect(await messageOf(config({ pathname: '/nowhere' }))).toBe(
    `OperationsDB  there is no database "nowhere" on ${host}:${port}; correct the database in OPERATIONS_DATABASE_URL`,
  );
});

it('says that another authority signed the certificate', async () => {
  const url = new URL(operations);
  url.searchParams.delete('sslrootcert');
  const wanted = postgresConfig(url.href, { applicationName: 'connection-spec', caFile: untrustedCaFile });
  expect(await messageOf(wanted)).toBe(
    `OperationsDB  the certificate of ${wanted.host} is not signed by the CA in use; ` +
      'set TLS_CA_FILE (or sslrootcert in the address) to the CA that signed it',
  );
});

const SERVER = { host: 'db.example', port: 5432, user: 'capture', database: 'ops' };
it.each([
  ['ENOTFOUND', 'host name "db.example" is unknown'],
  ['EHOSTUNREACH', 'db.example:5432 does not answer'],
  ['28000', 'the server refuses role "capture" from here'],
  ['42501', 'role "capture" may not connect to database "ops"'],
  ['53300', 'db.example:5432 has no free connection'],
  ['57P03', 'db.example:5432 is starting up or shutting down'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'the certificate is not for "db.example"'],
  ['CERT_HAS_EXPIRED', 'the certificate of db.example has expired'],
  ['CERT_NOT_YET_VALID', 'the certificate of db.example is not valid yet'],
])('explains the error %s', (code, what) => {
  expect(connectionProblem(Object.assign(new Error('x'), { code }), NAME, SERVER).what).toBe(what);
});

it.each([
  ['The server does not support SSL connections', 'db.example:5432 does not offer encryption'],
  ['timeout expired', 'db.example:5432 does not answer in time'],
  [
    'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string',
    'the server asks for a password, and there is none',
  ],
  ['something new', 'the connection to db.example:5432 failed: something new'],
])('explains the message %s', (message, what) => {
  expect(connectionProblem(new Error(message), NAME, SERVER).what).toBe(what);
});
