import { phoneNumber, postalAddress } from '../generator/people.js';
import { anyOne, newId, oneStatement, type Action } from './action.js';

const launch = (condition: string) => anyOne('public.launches', 'id', condition);

const statusChanges: readonly Omit<Action, 'writer'>[] = [
  {
    name: 'launches.confirm',
    weight: 4,
    run: oneStatement(({ random, launchIds }) => [
      `UPDATE public.launches SET status = 'confirmed' WHERE id = ${launch("status IN ('scheduled', 'delayed')")}`,
      [random.pick(launchIds)],
    ]),
  },
  {
    name: 'launches.delay',
    weight: 4,
    run: oneStatement(({ random, launchIds }) => [
      `UPDATE public.launches SET status = 'delayed', date = date + $2::interval
       WHERE id = ${launch("status IN ('scheduled', 'confirmed', 'delayed')")}`,
      [random.pick(launchIds), `${random.int(1, 30)} days`],
    ]),
  },
  {
    name: 'launches.launch',
    weight: 0.2,
    run: oneStatement(({ random, launchIds }) => [
      `UPDATE public.launches SET status = 'launched' WHERE id = ${launch("status = 'confirmed'")}`,
      [random.pick(launchIds)],
    ]),
  },
  {
    name: 'launches.abort',
    weight: 0.1,
    run: oneStatement(({ random, launchIds }) => [
      `UPDATE public.launches SET status = 'aborted' WHERE id = ${launch("status IN ('confirmed', 'delayed')")}`,
      [random.pick(launchIds)],
    ]),
  },
];

const offers: readonly Omit<Action, 'writer'>[] = [
  {
    name: 'launches.change-price',
    weight: 7,
    run: oneStatement(({ random, launchIds }) => [
      `UPDATE public.launches SET price_per_seat = greatest(round(price_per_seat * $2::numeric, 0), 1000)
       WHERE id = ${launch("status IN ('scheduled', 'confirmed', 'delayed')")}`,
      [random.pick(launchIds), (random.int(92, 108) / 100).toFixed(2)],
    ]),
  },
  {
    name: 'launches.create',
    weight: 1,
    run: oneStatement(({ random, launchIds }) => [
      `INSERT INTO public.launches (id, agency_id, rocket_id, date, destination, price_per_seat, status)
       SELECT $2, agency_id, rocket_id, date + interval '7 days', destination, price_per_seat, 'scheduled'
       FROM public.launches WHERE id = $1`,
      [random.pick(launchIds), `ln-${newId()}`],
    ]),
  },
  {
    // Several rows in one transaction, locked in one order so that two of these do not stop each other.
    name: 'launches.shift-season',
    weight: 0.5,
    run: oneStatement(({ random, agencyIds }) => [
      `UPDATE public.launches SET date = date + $2::interval WHERE id = ANY (ARRAY(
         SELECT id FROM public.launches WHERE agency_id = $1 AND status = 'scheduled' ORDER BY id LIMIT 20 FOR UPDATE))`,
      [random.pick(agencyIds), `${random.int(1, 48)} hours`],
    ]),
  },
  {
    name: 'rockets.rename',
    weight: 0.7,
    run: oneStatement(({ random, agencyIds }) => [
      `UPDATE public.rockets SET name = split_part(name, ' Mk', 1) || $2
       WHERE id = (SELECT min(id) FROM public.rockets WHERE agency_id = $1)`,
      [random.pick(agencyIds), ` Mk ${random.int(2, 9)}`],
    ]),
  },
  {
    // Only ever larger: seats that are sold stay.
    name: 'rockets.add-seats',
    weight: 0.3,
    run: oneStatement(({ random, agencyIds }) => [
      `UPDATE public.rockets SET capacity = capacity + 4
       WHERE id = (SELECT max(id) FROM public.rockets WHERE agency_id = $1) AND capacity < 200`,
      [random.pick(agencyIds)],
    ]),
  },
  {
    name: 'agencies.update',
    weight: 1,
    run: oneStatement(({ random, agencyIds }) => [
      'UPDATE public.agencies SET contact_info = $2, legal_address = $3 WHERE user_id = $1',
      [random.pick(agencyIds), `${phoneNumber(random)}, Mon–Fri 8:00–20:00`, postalAddress(random)],
    ]),
  },
];

/** What agencies do with their launches. */
export const AGENCY_ACTIONS: readonly Action[] = [...statusChanges, ...offers].map((action) => ({
  ...action,
  writer: 'AgencyAPI',
}));

/** What somebody does by hand, without saying who or why. */
export const RAW_ACTIONS: readonly Action[] = [
  {
    name: 'raw.price',
    writer: 'psql',
    weight: 2,
    run: oneStatement(({ random, launchIds }) => [
      'UPDATE public.launches SET price_per_seat = price_per_seat + 500 WHERE id = $1',
      [random.pick(launchIds)],
    ]),
  },
  {
    name: 'raw.description',
    writer: 'psql',
    weight: 1,
    run: oneStatement(({ random, agencyIds }) => [
      'UPDATE public.agencies SET description = $2 WHERE user_id = $1',
      [random.pick(agencyIds), `Corrected by hand, case ${random.digits(5)}.`],
    ]),
  },
  {
    name: 'raw.date',
    writer: 'psql',
    weight: 1,
    run: oneStatement(({ random, launchIds }) => [
      "UPDATE public.launches SET date = date - interval '15 minutes' WHERE id = $1",
      [random.pick(launchIds)],
    ]),
  },
];
