import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { createLogger, loadApiEnv } from '@astro/runtime';
import { ApiModule } from '../api.module.js';
import { openApiDocument } from './document.js';

/** Addresses where nothing listens: a preview of the application connects to nothing. */
const NOWHERE = {
  SYSTEM_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
  CACHE_REDIS_URL: 'redis://127.0.0.1:1',
  QUEUE_REDIS_URL: 'redis://127.0.0.1:1',
  ALLOW_PLAINTEXT: 'true',
};

/** Prints the OpenAPI document; `tools/openapi` keeps it as `docs/openapi.json`. Starts and connects nothing. */
async function print(): Promise<void> {
  const log = createLogger('openapi', { level: 'error' });
  const app = await NestFactory.create(ApiModule.forEnv(loadApiEnv(NOWHERE), log), { preview: true, logger: false });
  process.stdout.write(`${JSON.stringify(openApiDocument(app), null, 2)}\n`);
}

await print();
