import type { Client } from 'pg';

/** The source of the chaos test: one flat data set to the cache, one to a SystemDB table, one joined. */
export const SCHEMA = `
CREATE TABLE public.items (id int PRIMARY KEY, version bigint, name text, price numeric, at timestamptz, big text);
ALTER TABLE public.items ALTER COLUMN big SET STORAGE EXTERNAL;
CREATE TABLE public.parts (id int PRIMARY KEY, version bigint, name text, price numeric, at timestamptz, big text);
ALTER TABLE public.parts ALTER COLUMN big SET STORAGE EXTERNAL;
CREATE TABLE public.customers (id int PRIMARY KEY, version bigint, name text);
CREATE TABLE public.orders (id int PRIMARY KEY, version bigint, customer_id int, note text);
CREATE TABLE public.order_lines (id int PRIMARY KEY, version bigint, order_id int, amount numeric);
ALTER TABLE public.order_lines REPLICA IDENTITY FULL;
CREATE TABLE public.journal (tx int PRIMARY KEY);`;

export const DATA_SETS = `  items:
    from: operations
    to: cache
    tables: [public.items]
  parts:
    from: operations
    to: system
    tables:
      - table: public.parts
        into: public.part_copies
  orders:
    from: operations
    to: cache
    root: public.orders
    key: id
    query: |
      SELECT o.id, o.version, o.note, c.name AS customer, coalesce(l.lines, 0)::int AS lines, l.total
      FROM public.orders o
      LEFT JOIN public.customers c ON c.id = o.customer_id
      LEFT JOIN (SELECT order_id, count(*) AS lines, sum(amount) AS total FROM public.order_lines
                 WHERE order_id = ANY($1) GROUP BY order_id) l ON l.order_id = o.id
      WHERE o.id = ANY($1)
    reads:
      - table: public.customers
        of: id
        query: SELECT id FROM public.orders WHERE customer_id = ANY($1)
      - table: public.order_lines
        column: order_id`;

/** Every document of the joined data set as PostgreSQL computes it, without the catalogue's query. */
export const ALL_ORDERS = `
SELECT o.id, o.version, o.note, (SELECT c.name FROM public.customers c WHERE c.id = o.customer_id) AS customer,
  (SELECT count(*)::int FROM public.order_lines l WHERE l.order_id = o.id) AS lines,
  (SELECT sum(l.amount) FROM public.order_lines l WHERE l.order_id = o.id) AS total
FROM public.orders o ORDER BY o.id`;

export const TABLES = ['items', 'parts', 'customers', 'orders', 'order_lines'] as const;
export type Table = (typeof TABLES)[number];

/** Rows that are there before the first start; every writer takes its share of the keys up to this. */
export const FIRST_ROWS: Readonly<Record<Table, number>> = {
  items: 2000,
  parts: 2000,
  customers: 40,
  orders: 1000,
  order_lines: 3000,
};

export async function fillShop(client: Client): Promise<void> {
  await client.query(SCHEMA);
  for (const table of ['items', 'parts']) {
    await client.query(
      `INSERT INTO public.${table} SELECT i, 0, 'first ' || i, i / 7.0, now(), repeat('x', 100 * (i % 40))
       FROM generate_series(1, ${FIRST_ROWS.items}) i`,
    );
  }
  await client.query(
    `INSERT INTO public.customers SELECT i, 0, 'customer ' || i FROM generate_series(1, ${FIRST_ROWS.customers}) i;
     INSERT INTO public.orders SELECT i, 0, 1 + i % ${FIRST_ROWS.customers}, 'first'
     FROM generate_series(1, ${FIRST_ROWS.orders}) i;
     INSERT INTO public.order_lines SELECT i, 0, 1 + i % ${FIRST_ROWS.orders}, i / 3.0
     FROM generate_series(1, ${FIRST_ROWS.order_lines}) i`,
  );
}
