import type { Client } from 'pg';

/** The table of all scenarios that need only one: eight columns, about 150 bytes a row. */
export const TICKETS = {
  dataSet: 'tickets',
  table: 'public.tickets',
  columns: ['id', 'code', 'traveler', 'price', 'seats', 'paid', 'booked_at', 'note'],
} as const;

export const TICKETS_DDL = `
CREATE TABLE public.tickets (
  id integer CONSTRAINT tickets_pk PRIMARY KEY,
  code uuid NOT NULL,
  traveler text NOT NULL,
  price numeric(12, 2) NOT NULL,
  seats integer NOT NULL,
  paid boolean NOT NULL,
  booked_at timestamptz NOT NULL,
  note text
)`;

/** Large enough to be spread over the whole table, and prime: each row comes once. */
const STRIDE = 7919;

/**
 * SQL that makes `bench_change(round, first, last, per)`: it commits one transaction with an origin for each number
 * from `first` to `last`; each updates `per` rows. Needs what `sync setup` installs when it is called.
 * @param rows of the table; not a multiple of 7919
 */
export function changeProcedure(rows: number): string {
  return `
CREATE PROCEDURE public.bench_change(round integer, first integer, last integer, per integer)
LANGUAGE plpgsql AS $$
BEGIN
  FOR number IN first .. last LOOP
    PERFORM sync.set_origin('booking-api', 'traveler-' || number % 100, 'reschedule', NULL,
      'round-' || round || '-' || number);
    UPDATE public.tickets SET traveler = format('Traveler %s of round %s', id, round), price = price + 1.5,
      paid = NOT paid, booked_at = clock_timestamp()
    WHERE id = ANY (ARRAY(
      SELECT (1 + ((number - 1)::bigint * per + place) * ${STRIDE} % ${rows})::integer
      FROM generate_series(0, per - 1) place));
    COMMIT;
  END LOOP;
END $$`;
}

/** The row that the last of `changes` updates changes. */
export function lastChanged(changes: number, rows: number): number {
  return 1 + (((changes - 1) * STRIDE) % rows);
}

export function travelerAfter(id: number, round: number): string {
  return `Traveler ${id} of round ${round}`;
}

/** Every tenth note is missing; some hold what needs care on the way: quotes, a backslash, a tab, a foreign letter. */
export async function fillTickets(client: Client, rows: number): Promise<void> {
  await client.query(
    `INSERT INTO public.tickets
     SELECT id, md5(id::text)::uuid, 'Traveler ' || id, (id % 90000) / 100.0 + 99, 1 + id % 6, id % 3 = 0,
       timestamptz '2026-01-01 00:00:00.123456Z' + make_interval(secs => id * 7),
       CASE WHEN id % 10 = 0 THEN NULL
         WHEN id % 37 = 0 THEN E'Says "window seat" \\\\ vegetarian\\tmenü ' || id
         ELSE 'Window seat, vegetarian menu, ' || md5((id * 3)::text) END
     FROM generate_series(1, $1::integer) id`,
    [rows],
  );
  await client.query('VACUUM (ANALYZE) public.tickets');
}

export interface TicketsTarget {
  readonly to: 'cache' | 'system';
  readonly dataSet?: string;
}

/** A catalogue that brings the table to these targets. */
export function ticketsCatalogue(targets: readonly TicketsTarget[] = [{ to: 'cache' }]): string {
  const dataSets = targets.map(({ to, dataSet = TICKETS.dataSet }) => {
    const into = to === 'system' ? `\n        into: ${TICKETS.table}` : '';
    return `  ${dataSet}:\n    from: operations\n    to: ${to}\n    tables:\n      - table: ${TICKETS.table}${into}\n`;
  });
  return `version: 1\ndataSets:\n${dataSets.join('')}`;
}
