import { readFileSync, writeFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { StackOptions } from './options.js';

/**
 * Writes the authorities that verify every server: our own, and where servers were given, those that the person
 * named or else the well-known ones.
 */
export function writeTrustedAuthorities(file: string, ownCaFile: string, { given, caFile }: StackOptions): void {
  const authorities = [readFileSync(ownCaFile, 'utf8')];
  if (caFile !== null) authorities.push(readFileSync(caFile, 'utf8'));
  else if (Object.values(given).some((address) => address !== null)) authorities.push(...rootCertificates);
  writeFileSync(file, `${authorities.map((pem) => pem.trim()).join('\n')}\n`, { mode: 0o644 });
}
