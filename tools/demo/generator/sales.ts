import { DAY_MS, randomFor, travelerId, type DemoLaunch, type DemoPlan } from './fleet.js';
import type { Random } from './random.js';

export interface DemoBooking {
  readonly id: string;
  readonly travelerId: string;
  readonly launchId: string;
  readonly seats: number;
  readonly totalCents: number;
  readonly status: 'pending' | 'confirmed' | 'canceled';
}

/** About 20 for each launch, some launches are full and some empty; never more seats than the rocket has. */
export function demoBookings(plan: DemoPlan, index: number, launch: DemoLaunch): readonly DemoBooking[] {
  const random = randomFor(plan, 'bookings', index);
  const bookings: DemoBooking[] = [];
  const wanted = random.int(0, 40);
  let free = launch.rocket.capacity;
  while (bookings.length < wanted) {
    const seats = Number(random.weighted({ 1: 55, 2: 30, 3: 8, 4: 7 }));
    const status = bookingStatus(launch, random);
    if (status !== 'canceled' && seats > free) break;
    if (status !== 'canceled') free -= seats;
    bookings.push({
      id: random.uuid(),
      travelerId: travelerId(plan, random.int(0, plan.size.travelers - 1)),
      launchId: launch.id,
      seats,
      totalCents: seats * launch.priceCents,
      status,
    });
  }
  return bookings;
}

function bookingStatus({ status }: DemoLaunch, random: Random): DemoBooking['status'] {
  if (status === 'aborted') return 'canceled';
  if (status === 'launched') return random.weighted({ confirmed: 93, canceled: 7, pending: 0 });
  return random.weighted({ pending: 25, confirmed: 65, canceled: 10 });
}

export interface DemoInvoice {
  readonly id: string;
  readonly number: string;
  readonly amountCents: number;
  readonly issuedAtMs: number;
  readonly status: 'pending' | 'paid' | 'failed';
  readonly payments: readonly { id: string; amountCents: number; paidAtMs: number }[];
}

/** The agency's commission: one tenth of the confirmed sales of a launch that flies. Null when there is nothing to pay. */
export function demoInvoice(plan: DemoPlan, index: number, launch: DemoLaunch): DemoInvoice | null {
  if (launch.status !== 'launched' && launch.status !== 'confirmed') return null;
  const confirmed = demoBookings(plan, index, launch).filter(({ status }) => status === 'confirmed');
  const sales = confirmed.reduce((sum, { totalCents }) => sum + totalCents, 0);
  if (sales === 0) return null;
  const random = randomFor(plan, 'invoice', index);
  const amountCents = Math.round(sales / 10);
  const issuedAtMs = launch.dateMs - random.int(15, 45) * DAY_MS + random.int(0, 36_000) * 1000;
  const status =
    launch.status === 'launched'
      ? random.weighted({ paid: 94, failed: 4, pending: 2 })
      : random.weighted({ paid: 30, failed: 3, pending: 67 });
  return {
    id: random.uuid(),
    number: `AB-${new Date(issuedAtMs).getUTCFullYear()}-${String(index + 1).padStart(6, '0')}`,
    amountCents,
    issuedAtMs,
    status,
    payments: status === 'paid' ? payments(random, { amountCents, issuedAtMs }) : [],
  };
}

/** In one sum, or in two that make it up. */
function payments(random: Random, { amountCents, issuedAtMs }: Pick<DemoInvoice, 'amountCents' | 'issuedAtMs'>) {
  const first = random.chance(0.25) ? Math.max(1, Math.round(amountCents / random.int(2, 5))) : amountCents;
  const paidAtMs = issuedAtMs + random.int(1, 14 * 24 * 60) * 60_000;
  const parts = [{ id: random.uuid(), amountCents: first, paidAtMs }];
  if (first < amountCents) {
    parts.push({ id: random.uuid(), amountCents: amountCents - first, paidAtMs: paidAtMs + 7 * DAY_MS });
  }
  return parts;
}
