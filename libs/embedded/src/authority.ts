import { X509Certificate, createPrivateKey } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** Where the certificates of an own certificate authority lie; all files are PEM. */
export interface Authority {
  /** Verifies every certificate of this authority. */
  readonly caFile: string;
  /** A server certificate for 127.0.0.1, ::1 and localhost. */
  readonly certFile: string;
  readonly keyFile: string;
}

const DAY_MS = 86_400_000;
const CA_DAYS = 3_650;
const SERVER_DAYS = 397; // the most that TLS clients accept of a certificate issued today
const RENEW_DAYS = 30;
const EC = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;
type Pem = Awaited<ReturnType<typeof generate>>;

/**
 * An own certificate authority with one server certificate, made in `dir` or taken from there. Both are renewed
 * when less than 30 days are left or a file is damaged, the authority before it could end within the life of a server certificate.
 * Private keys have mode 0600. Not safe for two processes at the same time in one folder.
 * @param nowMs the present, in milliseconds since 1970
 */
export async function createAuthority(dir: string, nowMs = Date.now()): Promise<Authority> {
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  const paths = {
    caFile: join(dir, 'ca.pem'),
    certFile: join(dir, 'server.pem'),
    keyFile: join(dir, 'server-key.pem'),
  };
  const caKeyFile = join(dir, 'ca-key.pem');
  const lasts = (cert: string, key: string, days: number) => endsAt(cert, key) - nowMs > days * DAY_MS;
  const renewed = !lasts(paths.caFile, caKeyFile, SERVER_DAYS + RENEW_DAYS);
  if (renewed) writePair(await makeCa(nowMs), paths.caFile, caKeyFile);
  if (renewed || !lasts(paths.certFile, paths.keyFile, RENEW_DAYS) || !isIssuedBy(paths.certFile, paths.caFile)) {
    const ca = { cert: readFileSync(paths.caFile, 'utf8'), key: readFileSync(caKeyFile, 'utf8') };
    writePair(await makeServerCertificate(ca, nowMs), paths.certFile, paths.keyFile);
  }
  return paths;
}

function makeCa(nowMs: number): Promise<Pem> {
  return generate([{ name: 'commonName', value: 'AstroBookings local authority' }], {
    ...EC,
    ...validFor(CA_DAYS, nowMs),
    extensions: [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
}

function makeServerCertificate(ca: { cert: string; key: string }, nowMs: number): Promise<Pem> {
  return generate([{ name: 'commonName', value: 'localhost' }], {
    ...EC,
    ...validFor(SERVER_DAYS, nowMs),
    ca,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
}

/** Starts an hour ago, because clocks differ. */
function validFor(days: number, nowMs: number) {
  return { notBeforeDate: new Date(nowMs - 3_600_000), notAfterDate: new Date(nowMs + days * DAY_MS) };
}

/** When the certificate ends, in milliseconds since 1970; 0 when it or its key is missing or damaged. */
function endsAt(certFile: string, keyFile: string): number {
  if (!existsSync(certFile) || !existsSync(keyFile)) return 0;
  try {
    const certificate = new X509Certificate(readFileSync(certFile));
    return certificate.checkPrivateKey(createPrivateKey(readFileSync(keyFile))) ? Date.parse(certificate.validTo) : 0;
  } catch {
    return 0;
  }
}

function isIssuedBy(certFile: string, caFile: string): boolean {
  const ca = new X509Certificate(readFileSync(caFile));
  return new X509Certificate(readFileSync(certFile)).verify(ca.publicKey);
}

function writePair(pem: Pem, certFile: string, keyFile: string): void {
  writeWhole(keyFile, pem.private, 0o600);
  writeWhole(certFile, pem.cert, 0o644);
}

/** A reader sees the old file or the new one, never a part. */
function writeWhole(file: string, text: string, mode: number): void {
  writeFileSync(`${file}.new`, text, { mode });
  renameSync(`${file}.new`, file);
}
