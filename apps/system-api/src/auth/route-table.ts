import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { ACCESS_RULE, type AccessRule } from './access.decorators.js';

/** One route of the API and who may use it. */
export interface RouteAccess {
  readonly method: string;
  /** As the router writes it, such as `/api/v1/users/:id`. */
  readonly path: string;
  /** Undefined: nobody has said who may use it, so it is closed. */
  readonly rule: AccessRule | undefined;
}

/** Every route of every controller, as declared, in the order of their addresses. */
export function routeTable(app: { get: <T>(type: Type<T>) => T }): readonly RouteAccess[] {
  const reflector = app.get(Reflector);
  const scanner = new MetadataScanner();
  const controllers = app.get(DiscoveryService).getControllers();
  const routes = controllers.flatMap(({ instance, metatype }) => {
    if (!metatype || typeof instance !== 'object' || instance === null) return [];
    const prototype = Object.getPrototypeOf(instance) as Record<string, () => unknown>;
    return scanner.getAllMethodNames(prototype).flatMap((name) => routesOf(reflector, metatype, prototype[name]));
  });
  return routes.sort((a, b) => `${a.path} ${a.method}`.localeCompare(`${b.path} ${b.method}`));
}

/** @throws naming every route that says neither `@Access` nor `@Public` */
export function requireDeclaredAccess(app: Parameters<typeof routeTable>[0]): void {
  const open = routeTable(app).filter(({ rule }) => rule === undefined);
  if (open.length === 0) return;
  const names = open.map(({ method, path }) => `${method} ${path}`).join(', ');
  throw new Error(`Nobody has said who may use ${names}: give each @Access or @Public.`);
}

function routesOf(reflector: Reflector, controller: unknown, handler: (() => unknown) | undefined): RouteAccess[] {
  if (!handler || !Reflect.hasMetadata(METHOD_METADATA, handler)) return [];
  const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
  const rule = reflector.getAllAndOverride<AccessRule | undefined>(ACCESS_RULE, [handler, controller as Type]);
  const prefix = [Reflect.getMetadata(PATH_METADATA, controller as object) as string | string[]].flat();
  const path = [Reflect.getMetadata(PATH_METADATA, handler) as string | string[]].flat();
  return prefix.flatMap((first) => path.map((rest) => ({ method, path: joined(first, rest), rule })));
}

function joined(...parts: string[]): string {
  return `/${parts.flatMap((part) => part.split('/').filter(Boolean)).join('/')}`;
}
