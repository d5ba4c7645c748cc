import { type KeyboardEvent, useId, useState } from 'react';
import { Alert, Button, Code, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { CopyButton } from '../bits/CopyButton.js';
import { formatAge } from '../time/format-time.js';
import { useNow } from '../time/use-now.js';
import { type Confirmation, type ConfirmDialogProps } from './confirm-props.js';
import { whyNotYet } from './confirm-state.js';

/** Everything inside the dialog; made anew at each opening, and with it the idempotency key. */
export function ConfirmBody(props: ConfirmDialogProps) {
  const form = useConfirmation(props);
  return (
    <Stack onKeyDown={form.onKeyDown}>
      <div>{props.children}</div>
      {props.numbers && <Numbers {...props.numbers} />}
      <Answers props={props} form={form} />
      {props.commandLine !== undefined && <CommandLine line={lineOf(props.commandLine, form.confirmation)} />}
      {form.failure && (
        <Alert color="red" variant="light" role="alert" title="It was not done">
          {form.failure}
        </Alert>
      )}
      <Buttons props={props} form={form} />
    </Stack>
  );
}

interface PartProps {
  readonly props: ConfirmDialogProps;
  readonly form: ReturnType<typeof useConfirmation>;
}

/** What the person types: a reason, and for the third tier the name of what is at stake. */
function Answers({ props: { tier, nameToType, asksReason = true }, form }: PartProps) {
  return (
    <>
      {asksReason && (
        <Textarea
          label={tier === 1 ? 'Reason (optional)' : 'Reason'}
          description="Is kept in the audit trail."
          required={tier > 1}
          value={form.reason}
          onChange={(event) => form.setReason(event.currentTarget.value)}
        />
      )}
      {tier === 3 && nameToType !== undefined && (
        <TextInput
          label={`Type ${nameToType} to confirm`}
          required
          autoComplete="off"
          value={form.typedName}
          onChange={(event) => form.setTypedName(event.currentTarget.value)}
        />
      )}
    </>
  );
}

function Buttons({ props: { tier, confirmLabel, keepLabel, onClose }, form }: PartProps) {
  const hintId = useId();
  return (
    <>
      <Text size="sm" id={hintId} role="status">
        {form.hint ?? ''}
      </Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>
          {keepLabel}
        </Button>
        <Button
          {...(tier === 3 && { color: 'red' })}
          onClick={() => void form.confirm()}
          loading={form.isBusy}
          aria-disabled={form.hint !== null}
          {...(form.hint !== null && { 'data-disabled': true })}
          aria-describedby={hintId}
        >
          {confirmLabel}
        </Button>
      </Group>
    </>
  );
}

function useConfirmation(props: ConfirmDialogProps) {
  const [idempotencyKey] = useState(newKey);
  const [reason, setReason] = useState('');
  const [typedName, setTypedName] = useState('');
  const [attempt, setAttempt] = useState<{ isBusy: boolean; failure: string | null }>({ isBusy: false, failure: null });
  const nowMs = useNow();
  const { tier, nameToType, blockedReason = null, numbers, asksReason = true } = props;
  const numbersAtMs = numbers ? Date.parse(numbers.at) : null;
  const hint = whyNotYet({ tier, reason, asksReason, nameToType, typedName, numbersAtMs, nowMs, blockedReason });
  const confirmation: Confirmation = { idempotencyKey, reason: reason.trim() };
  const confirm = async (): Promise<void> => {
    if (hint !== null || attempt.isBusy) return;
    setAttempt({ isBusy: true, failure: null });
    try {
      await props.onConfirm(confirmation);
      props.onClose();
    } catch (error) {
      setAttempt({ isBusy: false, failure: error instanceof Error ? error.message : 'Try again.' });
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const isChord = event.key === 'Enter' && (event.metaKey || event.ctrlKey);
    if (isChord && tier !== 3) void confirm();
  };
  return { reason, setReason, typedName, setTypedName, hint, confirmation, confirm, onKeyDown, ...attempt };
}

/** `randomUUID` exists only on secure origins; the random numbers that it is made of exist everywhere. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function lineOf(line: string | ((confirmation: Confirmation) => string), confirmation: Confirmation): string {
  return typeof line === 'string' ? line : line(confirmation);
}

function Numbers({ at, items }: NonNullable<ConfirmDialogProps['numbers']>) {
  const ageMs = useNow() - Date.parse(at);
  return (
    <div>
      <dl className="facts">
        {items.map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Text size="sm">These numbers are {formatAge(ageMs)} old.</Text>
    </div>
  );
}

function CommandLine({ line }: { readonly line: string }) {
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      <Code block className="command-line">
        {line}
      </Code>
      <CopyButton value={line} what="command line" />
    </Group>
  );
}
