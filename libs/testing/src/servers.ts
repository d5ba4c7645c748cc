/** The servers of this test run; TLS only. Everybody shares them: use a database of your own ({@link createDatabase}). */
export interface TestServers {
  /** PostgreSQL with logical replication; the superuser's address. */
  readonly operations: string;
  /** A second PostgreSQL; the superuser's address. */
  readonly system: string;
  /** Redis; take a database of your own with `freshRedisDb`. */
  readonly cache: string;
  readonly queue: string;
  /** Verifies all of them. */
  readonly caFile: string;
  /** A valid authority that has issued none of their certificates. */
  readonly untrustedCaFile: string;
}

/** @throws when the project did not ask for servers in its jest.config.cjs */
export function testServers(): TestServers {
  return {
    operations: variable('TEST_OPERATIONS_URL'),
    system: variable('TEST_SYSTEM_URL'),
    cache: variable('TEST_CACHE_URL'),
    queue: variable('TEST_QUEUE_URL'),
    caFile: variable('TEST_CA_FILE'),
    untrustedCaFile: variable('TEST_UNTRUSTED_CA_FILE'),
  };
}

function variable(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(
    `${name} is not set. In jest.config.cjs of this project write ` +
      "require('../../jest.preset.cjs')('<name>', __dirname, { servers: true }).",
  );
}
