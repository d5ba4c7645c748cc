import { type Role, ROLES } from '@astro/contracts';
import { Radio, Stack } from '@mantine/core';
import { ROLE_WORDS } from './user-acts.js';

interface RoleChoiceProps {
  readonly value: Role;
  readonly onChange: (role: Role) => void;
}

/** The roles, each with what it may do. */
export function RoleChoice({ value, onChange }: RoleChoiceProps) {
  const choose = (next: string): void => {
    const role = ROLES.find((known) => known === next);
    if (role) onChange(role);
  };
  return (
    <Radio.Group label="Role" value={value} onChange={choose}>
      <Stack gap="xs" mt="xs">
        {ROLES.map((role) => (
          <Radio key={role} value={role} label={role} description={ROLE_WORDS[role]} />
        ))}
      </Stack>
    </Radio.Group>
  );
}
