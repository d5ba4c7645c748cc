import { join } from 'node:path';
import { formatProblem, readCatalogueFile, type Catalogue, type JoinedDataSet } from '@astro/catalogue';
import { preflight } from './preflight.js';
import { openSource, type TestSource } from './source.fixture.js';

/** The tables of the platform that the catalogue relies on. */
const DDL = `SET search_path = public;
CREATE TABLE travelers (user_id text PRIMARY KEY, contact_phone text, contact_email text, emergency_contact text,
  travel_preferences json);
CREATE TABLE agencies (user_id text PRIMARY KEY, description text, contact_info text, contact_email text,
  legal_name text, legal_tax_id text, legal_address text);
CREATE TYPE rocket_range AS ENUM ('low_earth', 'moon', 'mars');
CREATE TABLE rockets (id uuid PRIMARY KEY, agency_id text NOT NULL REFERENCES agencies, name text NOT NULL,
  capacity integer NOT NULL, range rocket_range NOT NULL);
CREATE TABLE launches (id uuid PRIMARY KEY, agency_id text NOT NULL REFERENCES agencies,
  rocket_id uuid NOT NULL REFERENCES rockets, date timestamptz NOT NULL, destination text NOT NULL,
  price_per_seat numeric(12,2) NOT NULL, status text NOT NULL);
CREATE TABLE bookings (id uuid PRIMARY KEY, traveler_id text NOT NULL REFERENCES travelers,
  launch_id uuid NOT NULL REFERENCES launches, number_of_seats integer NOT NULL, total_price numeric(12,2) NOT NULL,
  status text NOT NULL);
CREATE INDEX ON bookings (launch_id);
CREATE TABLE invoices (id uuid PRIMARY KEY, number text, agency_id text, launch_id uuid, amount numeric(12,2),
  issued_at timestamptz, status text);
CREATE TABLE payments (id uuid PRIMARY KEY, invoice_id uuid REFERENCES invoices, amount numeric(12,2), paid_at timestamptz);
INSERT INTO travelers VALUES ('t1', '+34 1', 't@example.org', 'Mum', '{"seat": "window"}');
INSERT INTO agencies VALUES ('a1', 'We fly', '', '', 'Moonshot SL', '', '');
INSERT INTO rockets VALUES ('00000000-0000-0000-0000-00000000000a', 'a1', 'Falcon', 10, 'moon');
INSERT INTO launches SELECT lpad(n::text, 32, '0')::uuid, 'a1', '00000000-0000-0000-0000-00000000000a',
  '2030-01-01 10:00Z', 'Moon', 1999.90, 'scheduled' FROM pg_catalog.generate_series(1, 3) n;
INSERT INTO bookings SELECT lpad(n::text, 32, '0')::uuid, 't1', lpad('1', 32, '0')::uuid, 2, 10, status
  FROM pg_catalog.unnest(ARRAY['pending', 'confirmed', 'canceled']) WITH ORDINALITY AS b (status, n);
RESET search_path`;

let source: TestSource;
let catalogue: Catalogue;
beforeAll(async () => {
  source = await openSource('astrobookings');
  await source.sql(DDL);
  catalogue = await readCatalogueFile(join(__dirname, '../../../../config/astrobookings.yaml'));
});
afterAll(() => source.drop());

const queryOf = (name: string) => catalogue.dataSets.find((set): set is JoinedDataSet => set.name === name)!.query;
const key = (number: number) =>
  String(number)
    .padStart(32, '0')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

it('needs nothing of the platform but the full identity of bookings', async () => {
  const before = await preflight(source.admin, catalogue);
  expect(before.problems.map(formatProblem)).toEqual([
    expect.stringMatching(
      /astrobookings\.yaml:\d+:9 {2}data set "launches": a changed or deleted row of public\.bookings no longer tells its old "launch_id"; ALTER TABLE "public"\."bookings" REPLICA IDENTITY FULL$/,
    ),
  ]);
  await source.sql('ALTER TABLE public.bookings REPLICA IDENTITY FULL');
  expect((await preflight(source.admin, catalogue)).problems).toEqual([]);
});

it('gives a launch its free seats, its agency and its rocket', async () => {
  const { rows } = await source.admin.query(queryOf('launches'), [[key(1), key(2)]]);
  expect(rows).toHaveLength(2);
  expect(rows).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        id: key(1),
        price_per_seat: '1999.90',
        available_seats: 6,
        agency: { id: 'a1', name: 'Moonshot SL' },
        rocket: { id: '00000000-0000-0000-0000-00000000000a', name: 'Falcon', capacity: 10, range: 'moon' },
      }),
      expect.objectContaining({ id: key(2), available_seats: 10 }),
    ]),
  );
});

it('gives a booking its traveler', async () => {
  const { rows } = await source.admin.query(queryOf('bookings'), [[key(3)]]);
  const traveler = {
    user_id: 't1',
    contact_phone: '+34 1',
    emergency_contact: 'Mum',
    travel_preferences: { seat: 'window' },
  };
  expect(rows).toMatchObject([{ id: key(3), number_of_seats: 2, total_price: '10.00', status: 'canceled', traveler }]);
});
