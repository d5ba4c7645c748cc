import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';

/** How a link to a database is protected. */
export interface LinkSecurity {
  /** PEM bundle that verifies the server; without it the system's roots do. */
  readonly caFile?: string | undefined;
  /** Permits unencrypted links; they are refused otherwise. */
  readonly allowPlaintext?: boolean | undefined;
}

/** A connection URL cannot be used. The message says why and what to write instead, never the URL's password. */
export class ConnectionUrlError extends Error {
  override readonly name = 'ConnectionUrlError';
  readonly code = 'CONNECTION_URL_INVALID';
}

/**
 * Parses a connection URL whose scheme is one of `schemes`.
 * @throws {ConnectionUrlError}
 */
export function parseConnectionUrl(url: string, schemes: readonly string[]): URL {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (!parsed || !schemes.includes(parsed.protocol.slice(0, -1)) || parsed.hostname === '') {
    const shape = schemes.map((scheme) => `${scheme}://`).join(' or ');
    throw new ConnectionUrlError(
      `expected a URL such as ${shape}user:password@host:port/… (characters such as @ / # in the password as %40 %2F %23)`,
    );
  }
  return parsed;
}

/** The host as sockets want it: IPv6 addresses without brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

/** A part of a URL as it was before it was encoded; undefined when it is empty. */
export function decodePart(part: string): string | undefined {
  if (part === '') return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ConnectionUrlError('the user or password holds a % that is not part of an encoded character; write %25');
  }
}

/**
 * Settings of a verified TLS connection to `host`: the certificate must be signed by the CA and name this host.
 * For an IP address `servername` stays absent, so that Node compares the address with the certificate's IP entries.
 * @throws {ConnectionUrlError} when the CA file cannot be read
 */
export function verifiedTls(host: string, caFile: string | undefined): ConnectionOptions {
  return {
    host,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(isIP(host) === 0 && { servername: host }),
    ...(caFile !== undefined && { ca: readPem(caFile) }),
  };
}

/** @throws {ConnectionUrlError} when the file is missing or holds no PEM block */
export function readPem(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw new ConnectionUrlError(`cannot read the certificate file ${file} (${reason})`, { cause });
  }
  if (!text.includes('-----BEGIN')) throw new ConnectionUrlError(`${file} holds no PEM certificate`);
  return text;
}
