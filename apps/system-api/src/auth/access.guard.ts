import { Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { AuthGuard } from '@nestjs/passport';
import { type Request, type Response } from 'express';
import { API_KEY_HEADER } from '@astro/contracts';
import { isTransientPostgresError } from '@astro/runtime';
import { AuditLog } from '../audit/audit-log.js';
import { ApiProblem } from '../shared/api-problem.js';
import { hasCredentials } from '../shared/credentials.js';
import { originOf } from '../shared/request-origin.js';
import { ACCESS_RULE, BEFORE_PASSWORD_CHANGE, type AccessRule, type KnownRequest } from './access.decorators.js';
import { ApiKeyStrategy, keyOf } from './api-key.strategy.js';
import { type Identity } from './identity.js';
import { JwtStrategy } from './jwt.strategy.js';
import { MonitoringStrategy } from './monitoring.strategy.js';
import { RefusedKeys } from './refused-keys.js';

/**
 * Stands before every route. Finds out who asks, and lets through whom the route's `@Access` names; a route that
 * names nobody is closed. Refusals of somebody known are written to the audit trail.
 */
@Injectable()
export class AccessGuard extends AuthGuard() {
  constructor(
    private readonly reflector: Reflector,
    private readonly audit: AuditLog,
    private readonly refusedKeys: RefusedKeys,
    jwt: JwtStrategy,
    apiKey: ApiKeyStrategy,
    monitoring: MonitoringStrategy,
  ) {
    const strategies = [jwt, apiKey, monitoring];
    super({
      // The strategies themselves, not their names: Passport's register of names is shared by the whole process.
      // A copy for each request: Passport hangs the request's own answer on what it is given, and on a shared object
      // the answer of one request would go to another.
      get defaultStrategy() {
        return strategies.map((strategy) => Object.create(strategy) as typeof strategy);
      },
      session: false,
    });
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const rule = this.reflector.getAllAndOverride<AccessRule | undefined>(ACCESS_RULE, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (rule?.kind === 'public') return true;
    const http = context.switchToHttp();
    const request = http.getRequest<KnownRequest>();
    const response = http.getResponse<Response>();
    response.setHeader('Cache-Control', 'no-store');
    await this.authenticate(context, request, response);
    if (mustChangePassword(request) && !this.reflector.get(BEFORE_PASSWORD_CHANGE, context.getHandler())) {
      throw new ApiProblem(403, {
        code: 'PASSWORD_CHANGE_NEEDED',
        detail: 'Somebody else set your password. Change it first, with POST /api/v1/me/password.',
      });
    }
    if (rule !== undefined && request.user && isAllowed(rule, request.user)) return true;
    return this.refuse(request, response, rule);
  }

  /** Who asks, when it can be said: for public routes that tell more to those who are known. */
  async recognize(request: Request, response: Response): Promise<Identity | null> {
    if (!hasCredentials(request)) return null;
    try {
      await this.identify(new ExecutionContextHost([request, response]), request, response);
      const known = request as KnownRequest;
      return mustChangePassword(known) ? null : (known.user ?? null);
    } catch {
      return null;
    }
  }

  override handleRequest<TUser = Identity>(error: unknown, user: TUser | false | null, info: unknown): TUser {
    if (error) throw error as Error;
    if (user) return user;
    // A key that could not be looked up is not a wrong key.
    for (const reason of [info].flat()) if (isTransientPostgresError(reason)) throw reason as Error;
    throw new ApiProblem(401, {
      code: 'UNAUTHENTICATED',
      detail: 'Sign in first: the access token or API key is missing, wrong, expired or revoked.',
    });
  }

  private async authenticate(context: ExecutionContext, request: KnownRequest, response: Response): Promise<void> {
    try {
      if (request.get('authorization') !== undefined && request.get(API_KEY_HEADER) !== undefined) {
        throw new ApiProblem(401, { code: 'TWO_CREDENTIALS', detail: 'Send an access token or an API key, not both.' });
      }
      await this.identify(context, request, response);
    } catch (error) {
      if (error instanceof ApiProblem) response.setHeader('WWW-Authenticate', 'Bearer');
      throw error;
    }
  }

  /** An API key that lets nobody in leaves a trace, wherever it is shown. */
  private async identify(context: ExecutionContext, request: Request, response: Response): Promise<void> {
    try {
      await super.canActivate(context);
    } catch (error) {
      const key = error instanceof ApiProblem ? keyOf(request) : null;
      if (key !== null) await this.refusedKeys.record(key, originOf(request, response));
      throw error;
    }
  }

  private async refuse(request: KnownRequest, response: Response, rule: AccessRule | undefined): Promise<never> {
    const route = request.route as { path?: string } | undefined;
    await this.audit.record({
      action: 'access.refuse',
      entityType: 'route',
      entityId: `${request.method} ${route?.path ?? request.path}`,
      result: 'refused',
      details: { path: request.path, has: grantsOf(request.user), needs: needsOf(rule) },
      origin: originOf(request, response),
    });
    throw new ApiProblem(403, {
      code: 'FORBIDDEN',
      detail: `This needs ${needsOf(rule)}; you have ${grantsOf(request.user)}. Ask an administrator.`,
    });
  }
}

function mustChangePassword({ user }: KnownRequest): boolean {
  return user?.kind === 'user' && user.mustChangePassword;
}

function isAllowed(rule: AccessRule, identity: Identity): boolean {
  if (rule.kind === 'public') return true;
  if (identity.kind === 'user') return rule.roles.includes(identity.role);
  return rule.scopes.some((scope) => identity.scopes.includes(scope));
}

function grantsOf(identity: Identity | undefined): string {
  if (identity?.kind === 'user') return `the role ${identity.role}`;
  return `the scope ${identity?.scopes.join(', ') ?? 'of nobody'}`;
}

function needsOf(rule: AccessRule | undefined): string {
  if (rule?.kind !== 'restricted') return 'a route that is open';
  const roles = `the role ${rule.roles.join(' or ')}`;
  return rule.scopes.length === 0 ? roles : `${roles}, or an API key with the scope ${rule.scopes.join(' or ')}`;
}
