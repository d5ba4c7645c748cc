import type pg from 'pg';
import { emailAddress, emergencyContact, fullName, phoneNumber, travelPreferences } from '../generator/people.js';
import { anyOne, newId, oneStatement, somewhere, type Action, type Choices } from './action.js';

const SELLING = "('scheduled', 'confirmed', 'delayed')";

/** One at a time for each launch: who checks the free seats also takes them. */
const LOCK_LAUNCH = 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))';

const BOOK = `INSERT INTO public.bookings (id, traveler_id, launch_id, number_of_seats, total_price, status)
  SELECT $2, t.user_id, l.id, $4::integer, l.price_per_seat * $4::integer, 'pending'
  FROM public.launches l
  JOIN public.rockets r ON r.id = l.rocket_id
  CROSS JOIN (SELECT user_id FROM public.travelers WHERE user_id >= $3 ORDER BY user_id LIMIT 1) t
  WHERE l.id = $1 AND l.status IN ${SELLING} AND $4::integer <= r.capacity - (
    SELECT coalesce(sum(number_of_seats), 0) FROM public.bookings WHERE launch_id = $1 AND status <> 'canceled')`;

async function book(tx: pg.ClientBase, { random, launchIds }: Choices, parties: number): Promise<number> {
  const launch = random.pick(launchIds);
  await tx.query(LOCK_LAUNCH, [launch]);
  let booked = 0;
  for (let i = 0; i < parties; i++) {
    const { rowCount } = await tx.query(BOOK, [launch, newId(), somewhere(random), random.int(1, 4)]);
    booked += rowCount ?? 0;
  }
  return booked;
}

const bookings: readonly Omit<Action, 'writer'>[] = [
  { name: 'bookings.create', weight: 30, run: (tx, choices) => book(tx, choices, 1) },
  { name: 'bookings.create-group', weight: 3, run: (tx, choices) => book(tx, choices, choices.random.int(2, 5)) },
  {
    name: 'bookings.confirm',
    weight: 14,
    run: oneStatement(({ random }) => [
      `UPDATE public.bookings SET status = 'confirmed'
       WHERE id = ${anyOne('public.bookings', 'id', "status = 'pending'")}`,
      [somewhere(random)],
    ]),
  },
  {
    name: 'bookings.cancel',
    weight: 8,
    run: oneStatement(({ random }) => [
      `UPDATE public.bookings SET status = 'canceled'
       WHERE id = ${anyOne('public.bookings', 'id', "status <> 'canceled'")}`,
      [somewhere(random)],
    ]),
  },
  {
    name: 'bookings.delete',
    weight: 0.7,
    run: oneStatement(({ random }) => [
      `DELETE FROM public.bookings WHERE id = ${anyOne('public.bookings', 'id', "status = 'canceled'")}`,
      [somewhere(random)],
    ]),
  },
  {
    name: 'bookings.reissue',
    weight: 0.5,
    run: oneStatement(({ random }) => [
      `UPDATE public.bookings SET id = $2 WHERE id = ${anyOne('public.bookings', 'id')}`,
      [somewhere(random), newId()],
    ]),
  },
];

const travelers: readonly Omit<Action, 'writer'>[] = [
  {
    name: 'travelers.update',
    weight: 8,
    run: oneStatement(({ random }) => [
      `UPDATE public.travelers SET contact_phone = $2, emergency_contact = $3, travel_preferences = $4
       WHERE user_id = ${anyOne('public.travelers', 'user_id')}`,
      [somewhere(random), phoneNumber(random), emergencyContact(random), travelPreferences(random)],
    ]),
  },
  {
    name: 'travelers.create',
    weight: 2,
    run: oneStatement(({ random }) => [
      'INSERT INTO public.travelers (user_id, contact_phone, contact_email) VALUES ($1, $2, $3)',
      [newId(), phoneNumber(random), emailAddress(fullName(random), random)],
    ]),
  },
  {
    name: 'travelers.delete',
    weight: 0.2,
    run: oneStatement(({ random }) => [
      `DELETE FROM public.travelers WHERE user_id = ${anyOne('public.travelers', 'user_id')}`,
      [somewhere(random)],
    ]),
  },
  {
    name: 'travelers.change-key',
    weight: 0.2,
    run: oneStatement(({ random }) => [
      `UPDATE public.travelers SET user_id = $2 WHERE user_id = ${anyOne('public.travelers', 'user_id')}`,
      [somewhere(random), newId()],
    ]),
  },
];

/** What travelers do in the portal. */
export const BOOKING_ACTIONS: readonly Action[] = [...bookings, ...travelers].map((action) => ({
  ...action,
  writer: 'BookingAPI',
}));
