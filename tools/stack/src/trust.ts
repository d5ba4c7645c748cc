import { readFileSync, writeFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { StackError } from './errors.js';
import type { StackOptions } from './options.js';

/**
 * Writes the authorities that verify every server: our own, and where servers were given, those that the person
 * named or else the well-known ones.
 * @throws {StackError} when the file that the person named holds none
 */
export function writeTrustedAuthorities(file: string, ownCaFile: string, { given, caFile }: StackOptions): void {
  const authorities = [readFileSync(ownCaFile, 'utf8')];
  if (caFile !== null) authorities.push(readNamed(caFile));
  else if (Object.values(given).some((address) => address !== null)) authorities.push(...rootCertificates);
  writeFileSync(file, `${authorities.map((pem) => pem.trim()).join('\n')}\n`, { mode: 0o644 });
}

function readNamed(file: string): string {
  const name = `TLS_CA_FILE=${file}`;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StackError(`${name} cannot be read (${code}). Correct the file name, or its rights.`, { cause: error });
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new StackError(`${name} holds no certificate. Name a PEM file with the authority of your servers.`);
}
