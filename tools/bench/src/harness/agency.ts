import type { Client } from 'pg';
import { BenchError } from '../errors.js';
import { requireEqual } from './fidelity.js';
import type { Site } from './site.js';

/** The part of AstroBookings' data that a launch's document is joined from. */
export const AGENCY = { dataSet: 'launches', launches: 1000, bookings: 50_000 } as const;

const ROCKET_COUNT = 40;
const AGENCY_COUNT = 25;

const AGENCY_DDL = `
CREATE TABLE public.agencies (user_id text CONSTRAINT agencies_pk PRIMARY KEY, legal_name text NOT NULL);
CREATE TABLE public.rockets (
  id text CONSTRAINT rockets_pk PRIMARY KEY,
  name text NOT NULL,
  capacity integer NOT NULL,
  range text NOT NULL
);
CREATE TABLE public.launches (
  id text CONSTRAINT launches_pk PRIMARY KEY,
  agency_id text NOT NULL CONSTRAINT launches_agency_fk REFERENCES public.agencies,
  rocket_id text NOT NULL CONSTRAINT launches_rocket_fk REFERENCES public.rockets,
  date timestamptz NOT NULL,
  destination text NOT NULL,
  price_per_seat numeric(12, 2) NOT NULL,
  status text NOT NULL
);
CREATE TABLE public.bookings (
  id text CONSTRAINT bookings_pk PRIMARY KEY,
  traveler_id text NOT NULL,
  launch_id text NOT NULL CONSTRAINT bookings_launch_fk REFERENCES public.launches,
  number_of_seats integer NOT NULL,
  total_price numeric(14, 2) NOT NULL,
  status text NOT NULL
);
ALTER TABLE public.bookings REPLICA IDENTITY FULL;
CREATE INDEX launches_agency_idx ON public.launches (agency_id);
CREATE INDEX launches_rocket_idx ON public.launches (rocket_id);
CREATE INDEX bookings_launch_idx ON public.bookings (launch_id);`;

/** One booking per transaction, scattered over all launches: seats change, bookings are canceled, made and deleted. */
const CHANGE_PROCEDURE = `
CREATE PROCEDURE public.bench_change_bookings(round integer, first integer, last integer)
LANGUAGE plpgsql AS $$
DECLARE
  booking text;
BEGIN
  FOR number IN first .. last LOOP
    booking := 'booking-' || (number::bigint * 7919 + round * 31) % ${AGENCY.bookings};
    PERFORM sync.set_origin('booking-api', 'traveler-' || number % 100, 'change booking');
    CASE number % 10
      WHEN 0 THEN
        INSERT INTO public.bookings VALUES (format('new-%s-%s', round, number), 'traveler-' || number % 5000,
          'launch-' || number * 7919 % ${AGENCY.launches}, 1 + number % 4, 900, 'pending');
      WHEN 1 THEN DELETE FROM public.bookings WHERE id = format('new-%s-%s', round, number - 1);
      WHEN 2 THEN UPDATE public.bookings SET status = 'canceled' WHERE id = booking;
      ELSE UPDATE public.bookings SET number_of_seats = 1 + (number_of_seats + round) % 6, status = 'confirmed'
        WHERE id = booking;
    END CASE;
    COMMIT;
  END LOOP;
END $$`;

const QUERY = `
SELECT l.id, l.date, l.destination, l.price_per_seat, l.status,
       (r.capacity - coalesce(b.seats, 0))::integer AS available_seats,
       json_build_object('id', a.user_id, 'name', a.legal_name) AS agency,
       json_build_object('id', r.id, 'name', r.name, 'capacity', r.capacity, 'range', r.range) AS rocket
FROM public.launches l
JOIN public.agencies a ON a.user_id = l.agency_id
JOIN public.rockets r ON r.id = l.rocket_id
LEFT JOIN (
  SELECT launch_id, sum(number_of_seats) AS seats
  FROM public.bookings
  WHERE launch_id = ANY($1) AND status <> 'canceled'
  GROUP BY launch_id
) b ON b.launch_id = l.id
WHERE l.id = ANY($1)`;

/** The launches of AstroBookings' own catalogue. */
export function launchesCatalogue(): string {
  return `version: 1
dataSets:
  ${AGENCY.dataSet}:
    from: operations
    to: cache
    root: public.launches
    key: id
    query: |
${QUERY.trim().replace(/^/gm, '      ')}
    nested: [agency, rocket]
    reads:
      - table: public.bookings
        column: launch_id
      - table: public.agencies
        of: user_id
        query: SELECT id FROM public.launches WHERE agency_id = ANY($1)
      - table: public.rockets
        of: id
        query: SELECT id FROM public.launches WHERE rocket_id = ANY($1)
`;
}

export async function fillAgency(client: Client): Promise<void> {
  await client.query(AGENCY_DDL);
  await client.query(CHANGE_PROCEDURE);
  await client.query(`
    INSERT INTO public.agencies SELECT 'agency-' || i, 'Agency ' || i FROM generate_series(0, ${AGENCY_COUNT - 1}) i;
    INSERT INTO public.rockets SELECT 'rocket-' || i, 'Rocket ' || i, 200 + i, 'moon'
      FROM generate_series(0, ${ROCKET_COUNT - 1}) i;
    INSERT INTO public.launches SELECT 'launch-' || i, 'agency-' || i % ${AGENCY_COUNT}, 'rocket-' || i % ${ROCKET_COUNT},
      timestamptz '2027-01-01 08:00Z' + make_interval(hours => i), 'Moon base ' || i % 9, 1000 + i, 'scheduled'
      FROM generate_series(0, ${AGENCY.launches - 1}) i;
    INSERT INTO public.bookings SELECT 'booking-' || i, 'traveler-' || i % 5000, 'launch-' || i % ${AGENCY.launches},
      1 + i % 4, 1000 + i % 500, 'confirmed'
      FROM generate_series(0, ${AGENCY.bookings - 1}) i;`);
  await client.query('VACUUM (ANALYZE)');
}

/** Every document must equal what the query gives now. @throws {BenchError} with the first that does not */
export async function checkLaunchDocuments(site: Site): Promise<void> {
  const ids = Array.from({ length: AGENCY.launches }, (_, i) => `launch-${i}`);
  const { rows } = await site.operations.query<Record<string, unknown>>({
    text: QUERY.replace('l.date', 'l.date::text AS date').replace('l.price_per_seat', 'l.price_per_seat::text'),
    values: [ids],
  });
  if (rows.length !== AGENCY.launches) throw new BenchError(`the query gave ${rows.length} launches`);
  for (const row of rows) {
    const id = String(row.id);
    requireEqual(`document ${id}`, row, await site.document(AGENCY.dataSet, id));
  }
}
