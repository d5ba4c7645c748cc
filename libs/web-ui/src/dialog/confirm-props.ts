import { type ReactNode } from 'react';
import { type ConfirmTier } from './confirm-state.js';

/** What the person agreed to. */
export interface Confirmation {
  /** For the header `Idempotency-Key`; the same for every try of one opening. */
  readonly idempotencyKey: string;
  /** Trimmed; empty where none was asked for or given. */
  readonly reason: string;
}

export interface ConfirmDialogProps {
  readonly opened: boolean;
  /** Also called after `onConfirm` has succeeded. */
  readonly onClose: () => void;
  readonly tier: ConfirmTier;
  /** A question: "Cancel run 12?". */
  readonly title: string;
  /** What has been done and what happens next. */
  readonly children: ReactNode;
  /** A sentence on the button that acts: "Cancel the run". */
  readonly confirmLabel: string;
  /** A sentence on the safe button: "Keep it running". */
  readonly keepLabel: string;
  /** Computed by the server for this dialog; `at` is ISO 8601. Values are shown as given: format them first. */
  readonly numbers?: {
    readonly at: string;
    readonly items: readonly { readonly name: string; readonly value: string }[];
  };
  /** Tier 3: the name to type. */
  readonly nameToType?: string;
  /** The same act as a line for a terminal. */
  readonly commandLine?: string | ((confirmation: Confirmation) => string);
  /** Why nothing can be written now, such as an API that is down; `null` when it can. */
  readonly blockedReason?: string | null;
  /** False when the server keeps no reason for the act: then none is asked for. */
  readonly asksReason?: boolean;
  /** Does the act. What it rejects with is shown in the dialog by its `message`; the dialog then stays open. */
  readonly onConfirm: (confirmation: Confirmation) => Promise<unknown>;
}
