import { useState } from 'react';
import { type Role } from '@astro/contracts';
import { Stack, Text } from '@mantine/core';
import { ConfirmDialog } from '@astro/web-ui';
import { changeUser, endUserSessions, setUserPassword } from '../../generated/index.js';
import { useWriteBlock } from '../../shared/connection.js';
import { type Secret } from '../../shared/SecretDialog.js';
import { toastDone } from '../../shared/toast.js';
import { RoleChoice } from './RoleChoice.js';
import { ACTS, type UserAct } from './user-acts.js';

interface UserActDialogProps {
  readonly act: UserAct;
  readonly onClose: () => void;
  /** After it was done. */
  readonly onDone: () => Promise<unknown>;
  readonly onSecret: (secret: Secret) => void;
}

/** Asks before something is done to a person, and does it. */
export function UserActDialog({ act, onClose, onDone, onSecret }: UserActDialogProps) {
  const { kind, user } = act;
  const [role, setRole] = useState(user.role);
  const block = useWriteBlock();
  const { title, text, confirm, keep } = ACTS[kind];
  const isSameRole = kind === 'role' && role === user.role;
  const perform = async (): Promise<void> => {
    const secret = await doAct(act, role);
    if (secret) onSecret(secret);
    else toastDone({ title: DONE[kind](user.name) });
    await onDone();
  };
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      tier={1}
      title={title(user.name)}
      confirmLabel={confirm}
      keepLabel={keep}
      blockedReason={block ?? (isSameRole ? 'Choose another role first.' : null)}
      onConfirm={perform}
    >
      <Stack>
        <Text size="sm">{text}</Text>
        {kind === 'role' && <RoleChoice value={role} onChange={setRole} />}
      </Stack>
    </ConfirmDialog>
  );
}

const DONE: Readonly<Record<UserAct['kind'], (name: string) => string>> = {
  role: (name) => `${name} has another role`,
  disable: (name) => `${name} is disabled`,
  enable: (name) => `${name} is enabled`,
  sessions: (name) => `${name} is signed out everywhere`,
  password: (name) => `${name} has a new password`,
};

/** @returns what the server tells only now, if anything */
async function doAct({ kind, user: { id, name } }: UserAct, role: Role): Promise<Secret | null> {
  const path = { id };
  switch (kind) {
    case 'role':
      await changeUser({ path, body: { role }, throwOnError: true });
      return null;
    case 'disable':
    case 'enable':
      await changeUser({ path, body: { disabled: kind === 'disable' }, throwOnError: true });
      return null;
    case 'sessions':
      await endUserSessions({ path, throwOnError: true });
      return null;
    case 'password': {
      const { data } = await setUserPassword({ path, body: {}, throwOnError: true });
      return passwordSecret(`${name} has a new password`, data.password);
    }
  }
}

/** A password that the server made. */
export function passwordSecret(title: string, password: string | null): Secret | null {
  if (password === null) return null;
  const advice = 'Give it to the person on a safe way. They are asked to choose their own when they sign in.';
  return { title, what: 'password', value: password, advice };
}
