import { type Role, type Scope } from '@astro/contracts';

/** Who asks: a person who signed in, or a program with an API key. */
export type Identity = UserIdentity | ApiKeyIdentity;

export interface UserIdentity {
  readonly kind: 'user';
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** As it is now, not as it was at sign-in. */
  readonly role: Role;
  readonly scopes: readonly Scope[];
  readonly sessionId: string;
  /** Somebody else set the password: until it is changed, nothing else may be done. */
  readonly mustChangePassword: boolean;
}

export interface ApiKeyIdentity {
  readonly kind: 'api_key';
  readonly id: string;
  readonly name: string;
  readonly email?: undefined;
  /** A key has no role, only scopes. */
  readonly role: null;
  readonly scopes: readonly Scope[];
  readonly sessionId?: undefined;
}
