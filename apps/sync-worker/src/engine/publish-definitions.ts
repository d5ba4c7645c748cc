import type { ClientBase } from 'pg';
import type { Catalogue } from '@astro/catalogue';

/** Writes what the catalogue declares of each data set to where the API reads it; those that are gone are taken out. */
export async function publishDefinitions(client: ClientBase, { dataSets }: Catalogue): Promise<void> {
  await client.query(
    `WITH declared AS (
       INSERT INTO sync.data_set_definitions AS d (name, definition)
       SELECT definition ->> 'name', definition FROM jsonb_array_elements($1::jsonb) AS a (definition)
       ON CONFLICT (name) DO UPDATE SET definition = excluded.definition, published_at = clock_timestamp())
     DELETE FROM sync.data_set_definitions WHERE name <> ALL ($2)`,
    [JSON.stringify(dataSets), dataSets.map(({ name }) => name)],
  );
}
