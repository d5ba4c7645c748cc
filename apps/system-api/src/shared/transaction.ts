import { type Pool, type PoolClient } from 'pg';

/** Runs `work` in one transaction of SystemDB: all of it, or nothing when it throws. */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => (broken = true)); // the first error tells more
    throw error;
  } finally {
    client.release(broken);
  }
}
