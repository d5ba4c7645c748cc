import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { type NextFunction, type Request, type Response } from 'express';
import { EnvError } from '@astro/runtime';
import { nonceOf } from './security-headers.js';

/** Stands in the built page where the nonce of each answer goes (`html.cspNonce` of the web app's Vite settings). */
const NONCE_PLACEHOLDER = /__CSP_NONCE__/g;
const SERVER_PATHS = /^\/(api|health|metrics|assets)(\/|$)/;
const HASHED_FILES = 'public, max-age=31536000, immutable';

/**
 * Serves the built web app: files with a hash in their name are cached for ever, the page itself is always asked
 * for again. Every address that is not the server's own gets the page, because the web app has its own routes.
 * @throws {EnvError} when the folder holds no built web app
 */
export function serveSite(app: NestExpressApplication, webRoot: string): void {
  const page = readPage(webRoot);
  app.useStaticAssets(join(resolve(webRoot), 'assets'), {
    prefix: '/assets/',
    index: false,
    redirect: false,
    setHeaders,
  });
  app.use((request: Request, response: Response, next: NextFunction) => {
    if (!wantsPage(request)) return next();
    response
      .setHeader('Cache-Control', 'no-cache')
      .type('html')
      .send(page.replace(NONCE_PLACEHOLDER, nonceOf(response)));
  });
}

function readPage(webRoot: string): string {
  try {
    return readFileSync(join(webRoot, 'index.html'), 'utf8');
  } catch {
    throw new EnvError([{ key: 'WEB_ROOT', message: `${webRoot} holds no index.html; build the web app or unset it` }]);
  }
}

function setHeaders(response: { setHeader(name: string, value: string): unknown }): void {
  response.setHeader('Cache-Control', HASHED_FILES);
}

function wantsPage({ method, path, headers }: Request): boolean {
  const isRead = method === 'GET' || method === 'HEAD';
  return isRead && !SERVER_PATHS.test(path) && (headers.accept ?? '').includes('text/html');
}
