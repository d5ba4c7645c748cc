/** How a person signs in to the web. */
export interface SignIn {
  readonly email: string;
  readonly password: string;
  readonly role: string;
}

/** What the API makes when it is told that it serves the demo; `first-users.ts` there holds the same. */
export const DEMO_SIGN_INS: readonly SignIn[] = ['admin', 'operator', 'auditor', 'viewer'].map((role) => ({
  email: `${role}@astrobookings.example`,
  password: `astro-demo-${role}`,
  role,
}));

/** For the screen: one line per sign-in. */
export function signInText(signIns: readonly SignIn[]): string {
  const lines = signIns.map(({ role, email, password }) => `  ${role.padEnd(9)} ${email.padEnd(32)} ${password}`);
  return `Sign-ins of the demo:\n${lines.join('\n')}`;
}
