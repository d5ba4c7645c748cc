import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, startPostgres, type EmbeddedPostgres, type PostgresSettings } from '@astro/embedded';

/** A PostgreSQL server that one spec has for itself, because it crashes or stops it. */
export interface OwnPostgres {
  readonly server: EmbeddedPostgres;
  /** For what else the spec keeps; the server's process can read it. */
  readonly folder: string;
  /** Ends the server and removes everything. */
  destroy(): Promise<void>;
}

export async function startOwnPostgres(settings: PostgresSettings): Promise<OwnPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'astro-own-'));
  chmodSync(folder, 0o711);
  const tls = await createAuthority(join(folder, 'tls'));
  const server = await startPostgres({ dataDir: join(folder, 'data'), tls, settings });
  const destroy = async () => {
    await server.stop('immediate');
    rmSync(folder, { recursive: true });
  };
  return { server, folder, destroy };
}
