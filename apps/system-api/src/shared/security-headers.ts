import { randomBytes } from 'node:crypto';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';

const NONCE_BYTES = 16;
/** The web app needs none of what a page may ask a browser for. */
const PERMISSIONS = 'camera=(), geolocation=(), microphone=(), payment=(), usb=()';

/** Strict headers on every answer: nothing is loaded from elsewhere, no script or style inline without this answer's nonce. */
export function securityHeaders() {
  const headers = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy() },
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginEmbedderPolicy: true,
  });
  return (request: Request, response: Response, next: NextFunction): void => {
    response.locals['nonce'] = randomBytes(NONCE_BYTES).toString('base64');
    response.setHeader('Permissions-Policy', PERMISSIONS);
    headers(request, response, next);
  };
}

/** The nonce that the headers of this response permit. */
export function nonceOf(response: ServerResponse): string {
  const nonce: unknown = (response as Response).locals['nonce'];
  if (typeof nonce !== 'string') throw new Error('securityHeaders() must run before the nonce is used');
  return nonce;
}

function contentSecurityPolicy() {
  const withNonce = (_request: IncomingMessage, response: ServerResponse): string => `'nonce-${nonceOf(response)}'`;
  return {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'", withNonce],
    styleSrc: ["'self'", withNonce],
    imgSrc: ["'self'", 'data:'],
    fontSrc: ["'self'"],
    connectSrc: ["'self'"],
    manifestSrc: ["'self'"],
    objectSrc: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  };
}
