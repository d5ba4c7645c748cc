/** One person per role, as the demo has them. */
export const ROLES = ['viewer', 'operator', 'auditor', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export function signInOf(role: Role): { readonly email: string; readonly password: string } {
  return { email: `${role}@astrobookings.example`, password: `astro-demo-${role}` };
}
