import type { Random } from './random.js';
import { CITIES, DIETS, FIRST_NAMES, LAST_NAMES, OTHER_NAMES, SEATS, STREETS, WISHES } from './words.js';

/** A made-up number. */
export function phoneNumber(random: Random): string {
  const country = random.pick(['+34', '+49', '+44', '+1', '+33', '+81', '+254', '+55', '+48', '+354']);
  return `${country} 555 ${random.digits(3)} ${random.digits(3)}`;
}

export function fullName(random: Random): string {
  if (random.chance(0.04)) return random.pick(OTHER_NAMES);
  return `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`;
}

/** In a domain that is reserved for examples; never a real address. */
export function emailAddress(name: string, random: Random): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z]+/g, '.')
    .replace(/^\.+|\.+$/g, '');
  return `${plain || 'traveler'}${random.digits(4)}@example.${random.pick(['com', 'org', 'net'])}`;
}

export function postalAddress(random: Random): string {
  return `${random.pick(STREETS)} ${random.int(1, 240)}, ${random.pick(CITIES)}`;
}

export function emergencyContact(random: Random): string | null {
  if (random.chance(0.05)) return null;
  return `${fullName(random)}, ${phoneNumber(random)}`;
}

/** As JSON text; a few are long enough to be stored out of line, a few absent. */
export function travelPreferences(random: Random): string | null {
  if (random.chance(0.08)) return null;
  const sentences = random.chance(0.02) ? random.int(60, 240) : random.int(0, 3);
  const notes = Array.from({ length: sentences }, () => random.pick(WISHES)).join(' ');
  return JSON.stringify({
    seat: random.pick(SEATS),
    diet: random.pick(DIETS),
    luggage_kg: random.int(2, 20),
    insurance: random.chance(0.6),
    ...(notes !== '' && { notes }),
  });
}
