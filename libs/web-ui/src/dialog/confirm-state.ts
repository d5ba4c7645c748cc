/** Numbers in a dialog older than this are no ground for an act that can destroy. */
const MAX_AGE_MS = 10 * 60_000;

/** How much an act asks for: 1 stops or repeats work, 2 changes data, 3 can destroy. Tier 0 has no dialog. */
export type ConfirmTier = 1 | 2 | 3;

export interface ConfirmInput {
  readonly tier: ConfirmTier;
  readonly reason: string;
  /** True unless the server keeps no reason for the act. */
  readonly asksReason?: boolean;
  /** Tier 3: what must be typed, and what was. */
  readonly nameToType: string | undefined;
  readonly typedName: string;
  /** When the numbers were computed; milliseconds since 1970. */
  readonly numbersAtMs: number | null;
  readonly nowMs: number;
  /** Why nothing can be written now; `null` when it can. */
  readonly blockedReason: string | null;
}

/** Why the confirming button is off; `null` when it is on. The first thing to mend comes first. */
export function whyNotYet(input: ConfirmInput): string | null {
  if (input.blockedReason) return input.blockedReason;
  const isOld = input.numbersAtMs !== null && input.nowMs - input.numbersAtMs > MAX_AGE_MS;
  if (input.tier === 3 && isOld) return 'The numbers are older than 10 minutes; close this and plan again.';
  const needsReason = input.tier >= 2 && input.asksReason !== false;
  if (needsReason && input.reason.trim() === '') return 'Give a reason first.';
  if (input.tier === 3 && input.nameToType !== undefined && input.typedName !== input.nameToType) {
    return `Type ${input.nameToType} first.`;
  }
  return null;
}
