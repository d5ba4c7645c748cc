import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { ApiBearerAuth, ApiSecurity } from '@nestjs/swagger';
import { type Request } from 'express';
import { type Role, type Scope } from '@astro/contracts';
import { type Identity } from './identity.js';

/** Metadata key of the {@link AccessRule}, on the handler or its class. */
export const ACCESS_RULE = 'access-rule';
/** Names of the security schemes in the OpenAPI document. */
export const SECURITY_SCHEMES = { session: 'session', apiKey: 'apiKey' } as const;

/** Who may use a route. Somebody with one of the roles, or with a key that has one of the scopes. */
export type AccessRule =
  | { readonly kind: 'public' }
  | { readonly kind: 'restricted'; readonly roles: readonly Role[]; readonly scopes: readonly Scope[] };

export interface AccessOptions {
  /** People with one of these roles; `admin` must be named too. */
  readonly roles: readonly Role[];
  /** API keys with one of these scopes; without it the route is for people alone. */
  readonly scopes?: readonly Scope[];
}

/** Declares who may use the route. A route without `@Access` or `@Public` is closed to everybody. */
export function Access({ roles, scopes = [] }: AccessOptions): ClassDecorator & MethodDecorator {
  const rule: AccessRule = { kind: 'restricted', roles, scopes };
  return applyDecorators(
    SetMetadata(ACCESS_RULE, rule),
    ApiBearerAuth(SECURITY_SCHEMES.session),
    ...(scopes.length > 0 ? [ApiSecurity(SECURITY_SCHEMES.apiKey, [...scopes])] : []),
  );
}

/** Opens the route to everybody, signed in or not. */
export function Public(): ClassDecorator & MethodDecorator {
  const rule: AccessRule = { kind: 'public' };
  return applyDecorators(SetMetadata(ACCESS_RULE, rule), ApiSecurity({}));
}

/** Metadata key of {@link BeforePasswordChange}. */
export const BEFORE_PASSWORD_CHANGE = 'before-password-change';

/** Opens a route with `@Access` also to people who must change their password first; all others are closed to them. */
export function BeforePasswordChange(): MethodDecorator {
  return SetMetadata(BEFORE_PASSWORD_CHANGE, true);
}

/** The request, once the guard knows who asks. */
export interface KnownRequest extends Request {
  user?: Identity;
}

/** Hands the handler the {@link Identity} of who asks; only on routes with `@Access`. */
export const Caller = createParamDecorator((_data: unknown, context: ExecutionContext): Identity => {
  const { user } = context.switchToHttp().getRequest<KnownRequest>();
  if (!user) throw new Error('@Caller() stands on a route that is open to everybody');
  return user;
});
