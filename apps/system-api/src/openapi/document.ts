import { type INestApplicationContext, type INestApplication } from '@nestjs/common';
import { MetadataScanner, ModulesContainer, Reflector } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { API_KEY_HEADER, problemSchema } from '@astro/contracts';
import { ACCESS_RULE, SECURITY_SCHEMES, type AccessRule } from '../auth/access.decorators.js';
import { API_ROUTE, type ApiRouteSpec } from '../shared/api-route.js';
import { toJsonSchema, type ConvertedSchema, type JsonSchema } from '../shared/json-schema.js';

const DESCRIPTION = `Keeps AstroBookings' databases equal, and explains every value in them.

Sign in with \`signIn\` and send the access token as \`Authorization: Bearer …\`, or send an API key as \`X-Api-Key\`.
Every error is \`application/problem+json\` (RFC 9457): \`code\` is for programs, \`detail\` for people, \`requestId\` finds
it in the log. Lists have opaque cursors: give \`nextCursor\` back as \`cursor\`. Times are ISO 8601, UTC.
\`x-roles\` and \`x-scopes\` of an operation say who may use it.`;

interface Operation {
  operationId?: string;
  [extension: `x-${string}`]: unknown;
}

interface Route {
  readonly spec: ApiRouteSpec;
  readonly rule: AccessRule | undefined;
}

/**
 * The OpenAPI 3.1 document of every route that has an `@ApiRoute`. Named schemas are the contracts' own.
 * @throws when two routes have one operationId, or two different schemas one name
 */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const routes = routesOf(app);
  const document = SwaggerModule.createDocument(app, settings(), { autoTagControllers: false });
  document.components = { ...document.components, schemas: componentsOf(routes) };
  const byId = new Map(routes.map((route) => [route.spec.operationId, route]));
  if (byId.size !== routes.length) throw new Error(`Two routes share an operationId: ${duplicates(routes).join(', ')}`);
  for (const operation of operationsOf(document)) {
    const rule = byId.get(operation.operationId ?? '')?.rule;
    if (rule?.kind !== 'restricted') continue;
    operation['x-roles'] = [...rule.roles];
    operation['x-scopes'] = [...rule.scopes];
  }
  return document;
}

function settings() {
  return new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('AstroBookings Data Synchronization')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .addServer('/')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, SECURITY_SCHEMES.session)
    .addApiKey({ type: 'apiKey', in: 'header', name: API_KEY_HEADER }, SECURITY_SCHEMES.apiKey)
    .build();
}

function routesOf(app: INestApplicationContext): readonly Route[] {
  // Made here, because a preview of the application makes no providers.
  const [reflector, scanner] = [new Reflector(), new MetadataScanner()];
  return [...app.get(ModulesContainer).values()]
    .flatMap((module) => [...module.controllers.values()])
    .flatMap(({ metatype }) => {
      if (typeof metatype !== 'function') return [];
      const prototype = metatype.prototype as Record<string, () => unknown>;
      return scanner.getAllMethodNames(prototype).flatMap((name) => {
        const handler = prototype[name] as () => unknown;
        const spec = reflector.get<ApiRouteSpec | undefined>(API_ROUTE, handler);
        const rule = reflector.getAllAndOverride<AccessRule | undefined>(ACCESS_RULE, [handler, metatype]);
        return spec ? [{ spec, rule }] : [];
      });
    });
}

function componentsOf(routes: readonly Route[]): Readonly<Record<string, JsonSchema>> {
  const found = new Map<string, JsonSchema>();
  const add = ({ components }: ConvertedSchema) => {
    for (const [name, schema] of Object.entries(components)) {
      const known = found.get(name);
      if (known && JSON.stringify(known) !== JSON.stringify(schema)) {
        throw new Error(`Two different schemas have the id ${name}; give one of them another.`);
      }
      found.set(name, schema);
    }
  };
  add(toJsonSchema(problemSchema, 'output'));
  for (const { spec } of routes) {
    for (const input of [spec.query, spec.params, spec.body]) if (input) add(toJsonSchema(input, 'input'));
    if (spec.answer) add(toJsonSchema(spec.answer, 'output'));
  }
  return Object.fromEntries([...found].sort(([a], [b]) => a.localeCompare(b)));
}

function operationsOf({ paths }: OpenAPIObject): readonly Operation[] {
  return Object.values(paths).flatMap((item) => Object.values(item) as Operation[]);
}

function duplicates(routes: readonly Route[]): readonly string[] {
  const ids = routes.map(({ spec }) => spec.operationId);
  return ids.filter((id, index) => ids.indexOf(id) !== index);
}
