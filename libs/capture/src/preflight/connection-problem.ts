import { Client, type ClientConfig } from 'pg';
import { formatProblem, type Problem, type ProblemText } from '@astro/catalogue';
import { ConfigError } from '@astro/sync-core';

/** Which connection is meant, for messages. */
export interface ConnectionName {
  /** Such as `OperationsDB`. */
  readonly endpoint: string;
  /** The environment variable that holds the address. */
  readonly variable: string;
}

type Server = Pick<ClientConfig, 'host' | 'port' | 'user' | 'database'>;

/**
 * Connects, or says in one sentence why it was not possible.
 * @throws {ConfigError} never with the password or the whole address in it
 */
export async function connectOrExplain(config: ClientConfig, name: ConnectionName): Promise<Client> {
  const client = new Client(config);
  client.on('error', () => undefined); // the statement that is running tells
  try {
    await client.connect();
    return client;
  } catch (error) {
    throw new ConfigError(formatProblem(connectionProblem(error, name, config)), { cause: error });
  }
}

/** Why a connection failed, in words, from the error that `pg` gave. */
export function connectionProblem(error: unknown, { endpoint, variable }: ConnectionName, server: Server): Problem {
  const { code, message } = factsOf(error);
  const text = explain(code, { server, variable }) ?? explainMessage(message, { server, variable });
  return { place: endpoint, dataSet: null, ...text };
}

function factsOf(error: unknown): { code: string; message: string } {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return { code: typeof code === 'string' ? code : '', message: typeof message === 'string' ? message : String(error) };
}

interface Scope {
  readonly server: Server;
  readonly variable: string;
}

function explain(code: string, { server, variable }: Scope): ProblemText | null {
  const { host = 'localhost', port = 5432, user = '', database = '' } = server;
  const address = `${host}:${port}`;
  switch (code) {
    case 'ECONNREFUSED':
      return {
        what: `nothing listens on ${address}`,
        fix: `start the server, or correct host and port in ${variable}`,
      };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { what: `host name "${host}" is unknown`, fix: `correct the host in ${variable}, or the name service` };
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return { what: `${address} does not answer`, fix: 'check the network and the firewall on the way' };
    case '28P01':
      return { what: `the server refuses the password of role "${user}"`, fix: `correct the password in ${variable}` };
    case '28000':
      return {
        what: `the server refuses role "${user}" from here`,
        fix: 'create the role, or allow it in pg_hba.conf',
      };
    case '3D000':
      return { what: `there is no database "${database}" on ${address}`, fix: `correct the database in ${variable}` };
    case '42501':
      return {
        what: `role "${user}" may not connect to database "${database}"`,
        fix: 'GRANT CONNECT on it to the role',
      };
    case '53300':
      return { what: `${address} has no free connection`, fix: 'raise max_connections, or end idle sessions' };
    case '57P03':
      return { what: `${address} is starting up or shutting down`, fix: 'try again in a moment' };
    default:
      return explainTls(code, host);
  }
}

const UNTRUSTED = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
]);

function explainTls(code: string, host: string): ProblemText | null {
  if (UNTRUSTED.has(code)) {
    const fix = 'set TLS_CA_FILE (or sslrootcert in the address) to the CA that signed it';
    return { what: `the certificate of ${host} is not signed by the CA in use`, fix };
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return {
      what: `the certificate is not for "${host}"`,
      fix: 'connect by the name in it, or renew it for this name',
    };
  }
  if (code === 'CERT_HAS_EXPIRED') return { what: `the certificate of ${host} has expired`, fix: 'renew it' };
  if (code === 'CERT_NOT_YET_VALID')
    return { what: `the certificate of ${host} is not valid yet`, fix: 'set the clocks' };
  return null;
}

function explainMessage(message: string, { server, variable }: Scope): ProblemText {
  const address = `${server.host ?? 'localhost'}:${server.port ?? 5432}`;
  if (message.includes('does not support SSL')) {
    const fix = `turn ssl on in the server, or set ALLOW_PLAINTEXT=true with sslmode=disable in ${variable}`;
    return { what: `${address} does not offer encryption`, fix };
  }
  if (/timeout/i.test(message)) {
    return { what: `${address} does not answer in time`, fix: 'check the network and the load of the server' };
  }
  if (/password must be a string/.test(message)) {
    return { what: `the server asks for a password, and there is none`, fix: `add the password in ${variable}` };
  }
  return { what: `the connection to ${address} failed: ${message}`, fix: `check ${variable} and the server's log` };
}
