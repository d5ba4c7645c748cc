import { PASSWORD_MAX, PASSWORD_MIN } from '@astro/contracts';
import { COMMON_PASSWORDS } from './common-passwords.js';

/** What a password must not be made of: the words of this place and of the person. */
export interface PasswordContext {
  readonly email: string;
  readonly name: string;
}

const PLACE_WORDS = [
  'astro',
  'astrobooking',
  'astrobookings',
  'astrosystem',
  'bookings',
  'synchronization',
  'systemweb',
];
const KEYBOARD_RUNS = ['abcdefghijklmnopqrstuvwxyz', '01234567890123456789', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm'];
/** Digits and signs around a word that make it no better; more of them may. */
const MAX_ADDED = 6;
const SHORTEST_WORD = 3;
const REPLACED: Readonly<Record<string, string>> = {
  '@': 'a',
  '4': 'a',
  '8': 'b',
  '3': 'e',
  '1': 'i',
  '!': 'i',
  '0': 'o',
  $: 's',
  '5': 's',
  '7': 't',
};

/**
 * Long, and not one of those that are tried first. No rule about kinds of characters: they make passwords worse.
 * @returns what is wrong with it, as a sentence that begins with a verb; null when it may be used
 */
export function objectionTo(password: string, context: PasswordContext): string | null {
  const length = [...password].length;
  if (length < PASSWORD_MIN) return `must have at least ${PASSWORD_MIN} characters`;
  if (length > PASSWORD_MAX) return `must have at most ${PASSWORD_MAX} characters`;
  const lower = password.normalize('NFKC').toLowerCase();
  if (isRepetition(lower)) return 'must not repeat the same few characters';
  if (isRun(lower)) return 'must not be a row of neighbouring characters';
  const bases = basesOf(lower);
  if (bases.some((base) => COMMON_PASSWORDS.has(base))) return 'is one of those that are tried first; choose another';
  const words = new Set([...PLACE_WORDS, ...wordsOf(context)]);
  if (bases.some((base) => words.has(base))) return 'must not be your name, your address or the name of this system';
  return null;
}

/** The password itself, and the word that is left when what people add is taken away. */
function basesOf(lower: string): readonly string[] {
  const core = lower.replace(/^[^\p{L}]+/u, '').replace(/[^\p{L}]+$/u, '');
  const unmasked = [...lower].map((char) => REPLACED[char] ?? char).join('');
  const kept = [core, unmasked, unmask(lower)].filter((base) => lower.length - base.length <= MAX_ADDED);
  return [lower, ...kept];
}

/** `p@ssw0rd12!` becomes `password`: first the end goes, because its digits are no letters. */
function unmask(lower: string): string {
  const withoutEnd = lower.replace(/[\d\W_]+$/u, '').replace(/^[\d\W_]+/u, '');
  return [...withoutEnd].map((char) => REPLACED[char] ?? char).join('');
}

function wordsOf({ email, name }: PasswordContext): readonly string[] {
  const [local = '', domain = ''] = email.toLowerCase().split('@');
  const parts = [email, local, ...local.split(/[^\p{L}\d]+/u), ...domain.split('.'), ...name.split(/\s+/), name];
  const words = parts.map((part) => part.toLowerCase().replace(/\s/g, ''));
  return words.filter((word) => word.length >= SHORTEST_WORD);
}

function isRepetition(text: string): boolean {
  return [1, 2, 3, 4].some(
    (size) =>
      text ===
      text
        .slice(0, size)
        .repeat(Math.ceil(text.length / size))
        .slice(0, text.length),
  );
}

function isRun(text: string): boolean {
  const reversed = [...text].reverse().join('');
  return KEYBOARD_RUNS.some((run) => run.includes(text) || run.includes(reversed));
}
