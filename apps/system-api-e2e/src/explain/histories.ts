import { escapeLiteral } from 'pg';
import type { Change, RunMode } from '@astro/contracts';

/** Who may be found in a chain, as the answer tells it. */
type Origin = Partial<Change['origin']>;

function claim(service: string, user: string, action: string): Origin {
  const said = { service, user, action, reason: `asked by ${user}`, correlationId: `call of ${user}` };
  return { ...said, unattributed: false, observedRole: 'postgres', observedApplication: 'e2e' };
}

const ANA = claim('BookingAPI', 'ana', 'bookings.change');
const BEN = claim('BookingAPI', 'ben', 'bookings.move');
const LEO = claim('AgencyAPI', 'leo', 'agencies.rename');
const EVA = claim('FinanceAPI', 'eva', 'invoices.issue');

/** Who changes rows by hand and claims nothing: the server tells the role all the same. */
export const BY_HAND = { name: 'ines', password: 'ines', application: 'psql' } as const;
const RAW: Origin = {
  ...{ service: null, user: null, action: null, reason: null, correlationId: null, unattributed: true },
  ...{ observedRole: BY_HAND.name, observedApplication: BY_HAND.application },
};

/** One transaction in OperationsDB. */
export interface Step {
  /** Without a service: by hand, see {@link BY_HAND}. */
  readonly origin: Origin;
  readonly sql: string;
}

/** A change of the chain. */
export interface Link {
  readonly op: Change['op'];
  readonly origin: Origin;
  /** Where the row's key is another one at that time. */
  readonly key?: string;
  /** Where it is worth to be said. */
  readonly fields?: readonly string[] | null;
}

export interface History {
  readonly name: string;
  readonly dataSet: string;
  readonly key: string;
  /** Where the data set has several. */
  readonly table?: string;
  readonly steps: readonly Step[];
  /** Of the key itself, oldest first. */
  readonly chain: readonly Link[];
  /** Of the rows that its document is made of besides: table, key when it is known, and the newest change. */
  readonly related?: readonly (readonly [table: string, key: string | null, newest: Link | null])[];
  /** The change that is named as the reason, where it is not the chain's last; null: none. */
  readonly cause?: Link | null;
  readonly isHeld: boolean;
  /** CacheDB loses or garbles the key behind the system's back, and this run mends it. */
  readonly mend?: { readonly harm: 'lost' | 'garbled'; readonly mode: Extract<RunMode, 'full' | 'repair'> };
}

const by = (origin: Origin, sql: string): Step => ({ origin, sql });
const link = (op: Change['op'], origin: Origin, more: Omit<Link, 'op' | 'origin'> = {}): Link => ({
  op,
  origin,
  ...more,
});

const insert = (id: string) =>
  `INSERT INTO public.bookings VALUES (${escapeLiteral(id)}, 't-1', 'l-1', 1, 100, 'pending')`;
const update = (id: string, set: string) => `UPDATE public.bookings SET ${set} WHERE id = ${escapeLiteral(id)}`;
const remove = (id: string) => `DELETE FROM public.bookings WHERE id = ${escapeLiteral(id)}`;
const seat = (values: string) => `INSERT INTO public.seats VALUES (${values})`;
const ODD_KEY = `o'"key" \\ %_[1]{2} ключ ✓ 🚀`;

/** What stands in the tables before the first worker starts, so that a copy brings it: no change of it is known. */
export const SCENE = `
CREATE ROLE ${BY_HAND.name} LOGIN PASSWORD '${BY_HAND.password}';
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${BY_HAND.name};
CREATE TABLE public.seats (launch text, seat text, note text, PRIMARY KEY (launch, seat));
CREATE TABLE public.offers (id text PRIMARY KEY, price integer);
INSERT INTO public.agencies (user_id, contact_email, legal_name, legal_tax_id)
  SELECT 'a-' || i, 'a@example.org', 'Agency ' || i, 'tax ' || i FROM generate_series(1, 3) i;
INSERT INTO public.rockets SELECT 'r-' || i, 'a-' || i, 'Rocket ' || i, 9, 'moon' FROM generate_series(1, 3) i;
INSERT INTO public.launches SELECT 'l-' || i, 'a-' || i, 'r-' || i, '2031-05-01', 'Moon', 100, 'scheduled'
  FROM generate_series(1, 3) i;
ALTER TABLE public.travelers ALTER travel_preferences SET STORAGE EXTERNAL;
INSERT INTO public.travelers SELECT 't-' || i, '1', 't@example.org', NULL, json_build_object('meals', repeat('soup ', 2000))
  FROM generate_series(1, 3) i;
INSERT INTO public.bookings SELECT 'old-' || i, 't-1', 'l-1', 1, 100, 'pending' FROM generate_series(1, 5) i;
INSERT INTO public.bookings VALUES ('old-travels', 't-2', 'l-1', 1, 100, 'pending');
INSERT INTO public.invoices VALUES ('i-1', 'n-1', 'a-1', 'l-1', 10, '2031-05-01', 'pending');`;

/** Beside the data sets of AstroBookings: keys of several columns, and a table that is emptied. */
export const MORE_DATA_SETS = `
  seats:
    from: operations
    to: cache
    tables: [public.seats]
  offers:
    from: operations
    to: cache
    tables: [public.offers]
`;

const OF_BOOKINGS: readonly Omit<History, 'dataSet'>[] = [
  {
    name: 'an insert',
    key: 'inserted',
    steps: [by(ANA, insert('inserted'))],
    chain: [link('insert', ANA)],
    isHeld: true,
  },
  {
    name: 'an update of a row that a copy brought',
    key: 'old-1',
    steps: [by(ANA, update('old-1', `status = 'confirmed'`))],
    chain: [link('update', ANA, { fields: ['status'] })],
    isHeld: true,
  },
  {
    name: 'several updates by several people, two of them in one transaction',
    key: 'busy',
    steps: [
      by(ANA, insert('busy')),
      by(BEN, `${update('busy', 'number_of_seats = 2')}; ${update('busy', 'total_price = 200')}`),
      by(ANA, update('busy', `status = 'confirmed', number_of_seats = 3`)),
    ],
    chain: [
      link('insert', ANA),
      link('update', BEN, { fields: ['number_of_seats'] }),
      link('update', BEN, { fields: ['total_price'] }),
      link('update', ANA, { fields: ['number_of_seats', 'status'] }),
    ],
    isHeld: true,
  },
  {
    name: 'a delete',
    key: 'deleted',
    steps: [by(ANA, insert('deleted')), by(BEN, remove('deleted'))],
    chain: [link('insert', ANA), link('delete', BEN)],
    isHeld: false,
  },
  {
    name: 'an insert again after a delete',
    key: 'old-2',
    steps: [by(BEN, remove('old-2')), by(ANA, insert('old-2'))],
    chain: [link('delete', BEN), link('insert', ANA)],
    isHeld: true,
  },
  {
    name: 'a change of the key, under the new key',
    key: 'moved',
    steps: [by(BEN, update('old-3', `id = 'moved'`)), by(ANA, update('moved', 'total_price = 300'))],
    chain: [link('update', BEN, { fields: ['id'] }), link('update', ANA)],
    isHeld: true,
  },
  {
    name: 'a change of the key, under the old key',
    key: 'old-3',
    steps: [],
    chain: [link('update', BEN, { key: 'moved', fields: ['id'] })],
    isHeld: false,
  },
  {
    name: 'SQL by hand that claims nothing',
    key: 'by-hand',
    steps: [by(ANA, insert('by-hand')), by(RAW, update('by-hand', 'total_price = 1'))],
    chain: [link('insert', ANA), link('update', RAW, { fields: ['total_price'] })],
    isHeld: true,
  },
  {
    name: 'an update that changes nothing',
    key: 'same',
    steps: [by(ANA, insert('same')), by(BEN, update('same', 'status = status'))],
    chain: [link('insert', ANA), link('update', BEN, { fields: [] })],
    isHeld: true,
  },
  {
    name: 'one of many rows of a transaction, with a part of it rolled back',
    key: 'many-2',
    steps: [
      by(
        ANA,
        `${insert('many-1')}; SAVEPOINT part; ${insert('many-2')}; ROLLBACK TO part; ${insert('many-2')};
         ${insert('many-3')}; UPDATE public.bookings SET number_of_seats = 4 WHERE id LIKE 'many-%'`,
      ),
    ],
    chain: [link('insert', ANA), link('update', ANA, { fields: ['number_of_seats'] })],
    isHeld: true,
  },
  {
    name: 'a document that was garbled and repaired',
    key: 'repaired',
    steps: [by(ANA, insert('repaired'))],
    chain: [link('insert', ANA)],
    isHeld: true,
    mend: { harm: 'garbled', mode: 'repair' },
  },
  {
    name: 'a document that was lost and copied again by a full run',
    key: 'copied',
    steps: [by(ANA, insert('copied'))],
    chain: [link('insert', ANA)],
    isHeld: true,
    mend: { harm: 'lost', mode: 'full' },
  },
  {
    name: 'a key with quotes and letters of many kinds',
    key: ODD_KEY,
    steps: [by(ANA, insert(ODD_KEY)), by(BEN, update(ODD_KEY, 'total_price = 2'))],
    chain: [link('insert', ANA), link('update', BEN)],
    isHeld: true,
  },
  { name: 'a row that only a copy brought', key: 'old-4', steps: [], chain: [], cause: null, isHeld: true },
  {
    name: 'a row of a joined table, which changes the document',
    key: 'old-travels',
    steps: [by(ANA, `UPDATE public.travelers SET contact_phone = '2' WHERE user_id = 't-2'`)],
    chain: [],
    related: [['public.travelers', 't-2', link('update', ANA)]],
    cause: link('update', ANA, { key: 't-2' }),
    isHeld: true,
  },
];

const OF_OTHERS: readonly History[] = [
  {
    name: 'a launch whose agency was renamed and whose seats were booked',
    dataSet: 'launches',
    key: 'l-2',
    steps: [
      by(LEO, `UPDATE public.launches SET price_per_seat = 90 WHERE id = 'l-2'`),
      by(ANA, `INSERT INTO public.bookings VALUES ('sold', 't-1', 'l-2', 2, 180, 'pending')`),
      by(LEO, `UPDATE public.agencies SET legal_name = 'Renamed' WHERE user_id = 'a-2'`),
    ],
    chain: [link('update', LEO)],
    related: [
      ['public.bookings', null, link('insert', ANA, { key: 'sold' })],
      ['public.agencies', 'a-2', link('update', LEO)],
      ['public.rockets', 'r-2', null],
    ],
    cause: link('update', LEO, { key: 'a-2' }),
    isHeld: true,
  },
  {
    name: 'a row of SystemDB, with a large value that the source did not send again',
    dataSet: 'travelers',
    key: 't-3',
    steps: [by(ANA, `UPDATE public.travelers SET contact_phone = '3' WHERE user_id = 't-3'`)],
    chain: [link('update', ANA, { fields: null })],
    isHeld: true,
  },
  {
    name: 'a row of a scheduled data set',
    dataSet: 'finance',
    table: 'public.invoices',
    key: 'i-1',
    steps: [by(EVA, `UPDATE public.invoices SET status = 'paid' WHERE id = 'i-1'`)],
    chain: [link('update', EVA)],
    isHeld: true,
  },
  {
    name: 'a key of several columns',
    dataSet: 'seats',
    key: '["l,1","\\"A\\" 4"]',
    steps: [
      by(ANA, seat(`'l,1', '"A" 4', 'window'`)),
      by(BEN, seat(`'l,1', '"A" 5', 'aisle'`)),
      by(BEN, `UPDATE public.seats SET note = 'taken' WHERE seat = '"A" 4'`),
    ],
    chain: [link('insert', ANA), link('update', BEN)],
    isHeld: true,
  },
  {
    name: 'a row that went when its table was emptied',
    dataSet: 'offers',
    key: 'gone',
    steps: [by(LEO, `INSERT INTO public.offers VALUES ('gone', 1)`), by(EVA, 'TRUNCATE public.offers')],
    chain: [link('insert', LEO), link('truncate', EVA, { key: '' })],
    isHeld: false,
  },
];

/** Twenty keys, each with what happened to it and what must be told of it. */
export const HISTORIES: readonly History[] = [
  ...OF_BOOKINGS.map((history): History => {
    const related = history.isHeld ? [['public.travelers', 't-1', null] as const] : [];
    return { dataSet: 'bookings', related, ...history };
  }),
  ...OF_OTHERS,
];
