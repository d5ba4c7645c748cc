import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OpenAPIObject } from '@nestjs/swagger';
import { Person, startTestApi, type TestApi } from '../testing/api.fixture.js';

const COMMITTED = join(__dirname, '../../../../docs/openapi.json');
let site: TestApi;
let document: OpenAPIObject;

beforeAll(async () => {
  site = await startTestApi();
  const viewer = await Person.withRole(site.api.url, 'viewer');
  document = (await viewer.get('/api/v1/openapi.json')).body as OpenAPIObject;
});
afterAll(() => site.close());

it('IN-3 serves the document that is committed; when this fails, run: npm run openapi', () => {
  expect(document).toEqual(JSON.parse(readFileSync(COMMITTED, 'utf8')));
});

it('is OpenAPI 3.1, and closed to those who are not signed in', async () => {
  expect(document.openapi).toBe('3.1.0');
  expect((await new Person(site.api.url).get('/api/v1/openapi.json')).status).toBe(401);
});

it('defines every schema that it refers to', () => {
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
  const defined = Object.keys(document.components?.schemas ?? {});
  expect(refs.length).toBeGreaterThan(50);
  expect(refs.map(([, name]) => name).filter((name) => !defined.includes(name ?? ''))).toEqual([]);
});

it('says of every operation who may use it, and how errors look', () => {
  for (const operation of Object.values(document.paths).flatMap((item): unknown[] => Object.values(item as object))) {
    const { operationId, security, responses } = operation as Record<string, unknown> & { responses: object };
    expect([operationId, security]).toEqual([expect.any(String), expect.any(Array)]);
    expect(JSON.stringify(responses)).toContain('application/problem+json');
  }
});

it('says of every operation that a database may be away, and of bodies how they may be refused', () => {
  for (const operation of Object.values(document.paths).flatMap((item): unknown[] => Object.values(item as object))) {
    const { operationId, requestBody, responses } = operation as Record<string, unknown> & { responses: object };
    const needed = requestBody ? ['400', '413', '415', '503'] : ['503'];
    expect([operationId, needed.filter((status) => !(status in responses))]).toEqual([operationId, []]);
  }
});

it('says that the audit trail is exported in two formats', () => {
  const content = document.paths['/api/v1/audit/export']?.get?.responses['200'];
  expect(Object.keys((content as { content: object }).content)).toEqual(['text/csv', 'application/jsonl']);
});

it('says of every rate limit that it is for each data set', () => {
  const told: unknown[] = [];
  JSON.stringify(document, (name, value: unknown) => {
    if (name === 'rateLimitRowsPerS') told.push((value as { description?: unknown }).description);
    return value;
  });
  expect(told.length).toBeGreaterThan(3);
  for (const description of told) expect(description).toContain('Rows per second of each data set');
});
