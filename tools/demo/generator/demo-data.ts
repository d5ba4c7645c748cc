import { agencyRow, demoLaunch, demoRocket, randomFor, travelerId, type DemoPlan, type DemoSize } from './fleet.js';
import { emailAddress, emergencyContact, fullName, phoneNumber, travelPreferences } from './people.js';
import { demoBookings, demoInvoice } from './sales.js';

export type { DemoPlan, DemoSize };

/** Values as PostgreSQL text, in the order of the columns. */
export type DemoRow = readonly (string | null)[];

export interface DemoTable {
  readonly name: string;
  readonly columns: readonly string[];
  /** Made one at a time; each iteration gives the same rows. */
  readonly rows: Iterable<DemoRow>;
}

/**
 * @param scale 1 gives 200 agencies, 600 rockets, 5 000 launches, 20 000 travelers and about 100 000 bookings
 * @throws {RangeError} when `scale` is not above 0
 */
export function demoSize(scale = 1): DemoSize {
  if (!(scale > 0)) throw new RangeError(`The scale of the demo data must be a number above 0, not ${scale}.`);
  const count = (base: number) => Math.max(1, Math.round(base * scale));
  return { agencies: count(200), rockets: count(600), launches: count(5_000), travelers: count(20_000) };
}

/** Every table in an order that suits the foreign keys. The same plan always gives the same rows. */
export function demoTables(plan: DemoPlan): readonly DemoTable[] {
  const { size } = plan;
  return [
    table('travelers', 'user_id, contact_phone, contact_email, emergency_contact, travel_preferences', () =>
      times(size.travelers, (i) => [travelerRow(plan, i)]),
    ),
    table(
      'agencies',
      'user_id, description, contact_info, contact_email, legal_name, legal_tax_id, legal_address',
      () => times(size.agencies, (i) => [agencyRow(plan, i)]),
    ),
    table('rockets', 'id, agency_id, name, capacity, range', () => times(size.rockets, (i) => [rocketRow(plan, i)])),
    table('launches', 'id, agency_id, rocket_id, date, destination, price_per_seat, status', () =>
      times(size.launches, (i) => [launchRow(plan, i)]),
    ),
    table('bookings', 'id, traveler_id, launch_id, number_of_seats, total_price, status', () =>
      times(size.launches, (i) => bookingRows(plan, i)),
    ),
    table('invoices', 'id, number, agency_id, launch_id, amount, issued_at, status', () =>
      times(size.launches, (i) => invoiceRows(plan, i)),
    ),
    table('payments', 'id, invoice_id, amount, paid_at', () => times(size.launches, (i) => paymentRows(plan, i))),
  ];
}

function table(name: string, columns: string, rows: () => Iterator<DemoRow>): DemoTable {
  return { name, columns: columns.split(', '), rows: { [Symbol.iterator]: rows } };
}

function* times(count: number, make: (index: number) => Iterable<DemoRow>): Generator<DemoRow> {
  for (let i = 0; i < count; i++) yield* make(i);
}

function travelerRow(plan: DemoPlan, index: number): DemoRow {
  const random = randomFor(plan, 'traveler', index);
  return [
    travelerId(plan, index),
    random.chance(0.05) ? null : phoneNumber(random),
    emailAddress(fullName(random), random),
    emergencyContact(random),
    travelPreferences(random),
  ];
}

function rocketRow(plan: DemoPlan, index: number): DemoRow {
  const { id, agencyId, name, capacity, range } = demoRocket(plan, index);
  return [id, agencyId, name, String(capacity), range];
}

function launchRow(plan: DemoPlan, index: number): DemoRow {
  const { id, rocket, dateMs, destination, priceCents, status } = demoLaunch(plan, index);
  return [id, rocket.agencyId, rocket.id, instant(dateMs), destination, money(priceCents), status];
}

function bookingRows(plan: DemoPlan, index: number): readonly DemoRow[] {
  return demoBookings(plan, index, demoLaunch(plan, index)).map(
    ({ id, travelerId: traveler, launchId, seats, totalCents, status }) => [
      id,
      traveler,
      launchId,
      String(seats),
      money(totalCents),
      status,
    ],
  );
}

function invoiceOf(plan: DemoPlan, index: number) {
  const launch = demoLaunch(plan, index);
  return { launch, invoice: demoInvoice(plan, index, launch) };
}

function invoiceRows(plan: DemoPlan, index: number): readonly DemoRow[] {
  const { launch, invoice } = invoiceOf(plan, index);
  if (!invoice) return [];
  const { id, number, amountCents, issuedAtMs, status } = invoice;
  return [[id, number, launch.rocket.agencyId, launch.id, money(amountCents), instant(issuedAtMs), status]];
}

function paymentRows(plan: DemoPlan, index: number): readonly DemoRow[] {
  const { invoice } = invoiceOf(plan, index);
  if (!invoice) return [];
  return invoice.payments.map((payment) => [
    payment.id,
    invoice.id,
    money(payment.amountCents),
    instant(payment.paidAtMs),
  ]);
}

function money(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
