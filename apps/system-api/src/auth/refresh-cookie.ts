import { type CookieOptions, type Request, type Response } from 'express';
import { REQUESTED_WITH } from '@astro/contracts';
import { ApiProblem } from '../shared/api-problem.js';

export const AUTH_PATH = '/api/v1/auth';
const NAME = 'astro_refresh';

/** The cookie with the refresh token: out of reach of scripts, and sent to nobody but the sign-in routes. */
export class RefreshCookie {
  private readonly name: string;

  /** @param isHttps whether people reach this server by https; browsers then send the cookie by nothing else */
  constructor(private readonly isHttps: boolean) {
    this.name = isHttps ? `__Secure-${NAME}` : NAME;
  }

  set(response: Response, token: string, expiresAt: Date): void {
    response.cookie(this.name, token, { ...this.options(), expires: expiresAt });
  }

  clear(response: Response): void {
    response.clearCookie(this.name, this.options());
  }

  /** @returns the token; empty when there is none, or when two were sent, of which one was planted */
  read(request: Request): string {
    const pairs = (request.get('cookie') ?? '').split(';').map((pair) => pair.trim().split('=', 2));
    const values = pairs.filter(([name]) => name === this.name).map(([, value = '']) => value);
    return values.length === 1 ? (values[0] ?? '') : '';
  }

  private options(): CookieOptions {
    return { httpOnly: true, sameSite: 'strict', secure: this.isHttps, path: AUTH_PATH };
  }
}

/**
 * A page of another site cannot send this header without asking first, and nobody is told yes.
 * @throws {ApiProblem} 403
 */
export function requireOwnPage(request: Request): void {
  if (request.get(REQUESTED_WITH.name) === REQUESTED_WITH.value) return;
  throw new ApiProblem(403, {
    code: 'HEADER_MISSING',
    detail: `Send the header ${REQUESTED_WITH.name}: ${REQUESTED_WITH.value}.`,
  });
}
