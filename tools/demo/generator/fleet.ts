import { emailAddress, phoneNumber, postalAddress } from './people.js';
import { Random } from './random.js';
import { AGENCY_KINDS, AGENCY_NAMES, DESTINATIONS, LEGAL_FORMS, ROCKET_NAMES, type Range } from './words.js';

/** How many rows of each kind; bookings, invoices and payments follow from the launches. */
export interface DemoSize {
  readonly agencies: number;
  readonly rockets: number;
  readonly launches: number;
  readonly travelers: number;
}

export interface DemoPlan {
  readonly seed: string;
  readonly size: DemoSize;
}

/** Everything is dated from here, so that the data are the same on every day. */
export const BASE_DATE = Date.UTC(2030, 5, 1);
export const DAY_MS = 86_400_000;

/** Any row can be made without the ones before it, and is always the same. */
export function randomFor({ seed }: DemoPlan, kind: string, index: number): Random {
  return new Random(`${seed}/${kind}/${index}`);
}

export function agencyId(plan: DemoPlan, index: number): string {
  return randomFor(plan, 'agency-id', index).uuid();
}

export function travelerId(plan: DemoPlan, index: number): string {
  return randomFor(plan, 'traveler-id', index).uuid();
}

export function agencyRow(plan: DemoPlan, index: number): (string | null)[] {
  const random = randomFor(plan, 'agency', index);
  const name = `${random.pick(AGENCY_NAMES)} ${random.pick(AGENCY_KINDS)}`;
  const legalName = `${name} ${index + 1} ${random.pick(LEGAL_FORMS)}`;
  return [
    agencyId(plan, index),
    random.chance(0.1) ? null : `${name}: seats on launches since ${random.int(2016, 2029)}.`,
    `${phoneNumber(random)}, Mon–Fri 9:00–18:00`,
    emailAddress(name, random),
    legalName,
    `AB${String(index).padStart(6, '0')}${random.digits(3)}`,
    postalAddress(random),
  ];
}

export interface DemoRocket {
  readonly id: string;
  readonly agencyId: string;
  readonly name: string;
  readonly capacity: number;
  readonly range: Range;
}

export function demoRocket(plan: DemoPlan, index: number): DemoRocket {
  const random = randomFor(plan, 'rocket', index);
  return {
    id: `rk-${String(index + 1).padStart(5, '0')}`,
    agencyId: agencyId(plan, index % plan.size.agencies),
    name: `${random.pick(ROCKET_NAMES)} ${random.int(1, 9)}${random.pick(['', 'A', 'B', ' Heavy'])}`,
    capacity: random.int(8, 24) * 4,
    range: random.weighted({ low_earth: 6, moon: 3, mars: 1 }),
  };
}

export type LaunchStatus = 'scheduled' | 'confirmed' | 'launched' | 'delayed' | 'aborted';

export interface DemoLaunch {
  readonly id: string;
  readonly rocket: DemoRocket;
  readonly dateMs: number;
  readonly destination: string;
  readonly priceCents: number;
  readonly status: LaunchStatus;
}

const PRICE_CENTS: Readonly<Record<Range, readonly [number, number]>> = {
  low_earth: [9_500_000, 45_000_000],
  moon: [60_000_000, 250_000_000],
  mars: [400_000_000, 900_000_000],
};

/** About two of five lie before {@link BASE_DATE}. */
export function demoLaunch(plan: DemoPlan, index: number): DemoLaunch {
  const random = randomFor(plan, 'launch', index);
  const rocket = demoRocket(plan, random.int(0, plan.size.rockets - 1));
  const day = random.int(-360, 540);
  const [cheapest, dearest] = PRICE_CENTS[rocket.range];
  return {
    id: `ln-${String(index + 1).padStart(6, '0')}`,
    rocket,
    dateMs: BASE_DATE + day * DAY_MS + random.int(0, 95) * 900_000,
    destination: random.pick(DESTINATIONS[rocket.range]),
    priceCents: random.int(cheapest / 500, dearest / 500) * 500,
    status:
      day < 0
        ? random.weighted({ launched: 90, aborted: 10, scheduled: 0, confirmed: 0, delayed: 0 })
        : random.weighted({ scheduled: 55, confirmed: 30, delayed: 12, aborted: 3, launched: 0 }),
  };
}
