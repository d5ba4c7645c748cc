import { type AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { frameworkLogger, type ApiEnv, type Logger } from '@astro/runtime';
import { ApiModule } from './api.module.js';
import { requireDeclaredAccess } from './auth/route-table.js';
import { ReadinessService } from './health/readiness.service.js';
import { MetricsService } from './health/metrics.service.js';
import { openApiDocument } from './openapi/document.js';
import { ServedDocument } from './openapi/served-document.js';
import { limitBodyDepth } from './shared/body-depth.js';
import { ProblemFilter } from './shared/problem.filter.js';
import { requestLog } from './shared/request-log.js';
import { securityHeaders } from './shared/security-headers.js';
import { serveSite } from './shared/site.js';

const BODY_LIMIT = '100kb';
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;

export interface RunningApi {
  /** Such as `http://127.0.0.1:3000`. */
  readonly url: string;
  /** From now on `/health/ready` says no, so that nobody sends new work. */
  drain(): void;
  /** Lets requests finish, then closes every connection. */
  close(): Promise<void>;
}

/**
 * Starts the HTTP server; it also starts, not ready, while the databases are away.
 * @throws when a route does not say who may use it
 * @throws {EnvError} when the web root holds no built web app
 */
export async function startApi(env: ApiEnv, log: Logger): Promise<RunningApi> {
  const app = await NestFactory.create<NestExpressApplication>(ApiModule.forEnv(env, log), {
    logger: frameworkLogger(log),
    abortOnError: false,
    bodyParser: false,
  });
  try {
    requireDeclaredAccess(app);
    prepare(app, env, log);
    await app.listen(env.port, env.host);
  } catch (error) {
    await app.close();
    throw error;
  }
  const { port } = app.getHttpServer().address() as AddressInfo;
  return {
    url: `http://${env.host.includes(':') ? `[${env.host}]` : env.host}:${port}`,
    drain: () => app.get(ReadinessService).drain(),
    close: () => app.close(),
  };
}

function prepare(app: NestExpressApplication, env: ApiEnv, log: Logger): void {
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.set('trust proxy', env.trustedProxies);
  app.use(requestLog(log, app.get(MetricsService)));
  app.use(securityHeaders());
  app.useBodyParser('json', { limit: BODY_LIMIT });
  app.use(limitBodyDepth);
  // A request that comes in drop by drop holds a connection; answers may take as long as they need.
  Object.assign(app.getHttpServer(), {
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: HEADERS_TIMEOUT_MS,
  });
  if (env.webRoot !== null) serveSite(app, env.webRoot);
  app.useGlobalFilters(new ProblemFilter(log));
  app.get(ServedDocument).provide(() => openApiDocument(app));
}
