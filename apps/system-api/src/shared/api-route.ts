import {
  applyDecorators,
  HttpCode,
  SetMetadata,
  UseInterceptors,
  UsePipes,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  type PipeTransform,
  type ArgumentMetadata,
} from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiParam, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { map, type Observable } from 'rxjs';
import { type z } from 'zod';
import { ApiProblem } from './api-problem.js';
import { problemResponses } from './api-route-problems.js';
import { toJsonSchema, type JsonSchema } from './json-schema.js';

/** What one route takes and gives. The schemas check the request, shape the answer, and stand in the OpenAPI document. */
export interface ApiRouteSpec {
  /** Name of the function in generated clients, such as `listRuns`; unique in the whole API. */
  readonly operationId: string;
  /** One line. */
  readonly summary: string;
  /** What a caller should know beyond the summary; Markdown. */
  readonly description?: string;
  /** Names of the path; take them as `@Param() params`. */
  readonly params?: z.ZodObject;
  /** Take it as `@Query() query`. Unknown names are refused. */
  readonly query?: z.ZodObject;
  /** Take it as `@Body() body`. Unknown names are refused in objects made by `z.strictObject`. */
  readonly body?: z.ZodType;
  /** Null: the answer has no body. Fields that it does not name never leave the server. */
  readonly answer: z.ZodType | null;
  /** Default: 200, or 204 when `answer` is null. */
  readonly status?: number;
  /** For answers that are not JSON, such as `text/csv`, or one of several; the answer is then not shaped. */
  readonly contentType?: string | readonly string[];
  /** The route takes an `Idempotency-Key` header; `required` says whether it must. */
  readonly idempotency?: 'required' | 'optional';
  /** Statuses of problems beyond those that follow from the rest, such as 409. */
  readonly problems?: readonly number[];
}

/** Metadata key of the {@link ApiRouteSpec}, on the handler. */
export const API_ROUTE = 'api-route';

/**
 * Checks the request of a route, shapes its answer and documents both, from one set of schemas. Stands next to the
 * method and the access: `@Get() @Access(…) @ApiRoute({…}) list(@Query() query: RunQuery): Promise<RunPage>`.
 */
export function ApiRoute(spec: ApiRouteSpec): MethodDecorator {
  const status = spec.status ?? (spec.answer ? 200 : 204);
  const decorators = [
    SetMetadata(API_ROUTE, spec),
    HttpCode(status),
    UsePipes(new RequestPipe(spec)),
    ApiOperation({
      operationId: spec.operationId,
      summary: spec.summary,
      ...(spec.description !== undefined && { description: spec.description }),
    }),
    ...requestDocs(spec),
    ...answerDocs(spec, status),
  ];
  if (spec.answer && spec.contentType === undefined)
    decorators.push(UseInterceptors(new AnswerInterceptor(spec.answer)));
  return applyDecorators(...decorators);
}

/** Parses query, params and body by the route's schemas; what the caller did wrong becomes one problem with pointers. */
class RequestPipe implements PipeTransform<unknown> {
  private readonly schemas: Partial<Record<ArgumentMetadata['type'], z.ZodType>>;

  constructor({ query, params, body }: ApiRouteSpec) {
    this.schemas = {
      ...(query && { query: query.strict() }),
      ...(params && { param: params.strict() }),
      ...(body && { body }),
    };
  }

  transform(value: unknown, { type, data }: ArgumentMetadata): unknown {
    const schema = this.schemas[type];
    if (!schema) return value;
    if (data !== undefined) throw new Error(`take the whole ${type}: a schema checks all of it, not "${data}" alone`);
    const parsed = schema.safeParse(value ?? (type === 'body' ? undefined : {}));
    if (parsed.success) return parsed.data;
    throw new ApiProblem(400, { code: 'INVALID_REQUEST', ...describe(parsed.error, type) });
  }
}

const PLACES: Readonly<Record<string, string>> = { query: 'query', param: 'path', body: 'body' };
const MAX_ERRORS = 50;

function describe(error: z.ZodError, type: ArgumentMetadata['type']) {
  const errors = error.issues.slice(0, MAX_ERRORS).map(({ path, message }) => ({
    pointer: path.map((part) => `/${String(part).replace(/~/g, '~0').replace(/\//g, '~1')}`).join(''),
    detail: message,
  }));
  const first = errors[0];
  const where = first && first.pointer !== '' ? ` ${first.pointer.slice(1)}:` : '';
  return { detail: `The ${PLACES[type] ?? type} is not valid:${where} ${first?.detail ?? ''}`, errors };
}

/** Gives out only what the schema names. An answer that does not fit is our fault: the caller gets a 500. */
class AnswerInterceptor implements NestInterceptor<unknown, unknown> {
  constructor(private readonly schema: z.ZodType) {}

  intercept(_context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    return next.handle().pipe(map((answer) => this.schema.parse(answer)));
  }
}

function requestDocs({ query, params, body, idempotency }: ApiRouteSpec): MethodDecorator[] {
  const docs: MethodDecorator[] = [];
  for (const { name, required, schema, description } of properties(query)) {
    docs.push(ApiQuery({ name, required, schema, ...(description !== undefined && { description }) }));
  }
  for (const { name, schema, description } of properties(params)) {
    docs.push(ApiParam({ name, schema, ...(description !== undefined && { description }) }));
  }
  if (body)
    docs.push(ApiBody({ required: !body.safeParse(undefined).success, schema: toJsonSchema(body, 'input').schema }));
  if (idempotency) docs.push(ApiHeader({ ...IDEMPOTENCY_HEADER, required: idempotency === 'required' }));
  return docs;
}

const IDEMPOTENCY_HEADER = {
  name: 'Idempotency-Key',
  description:
    'Makes the request safe to repeat: the same key with the same body gives the same answer, with another body 422, ' +
    'while the first is still at work 409.',
  schema: { type: 'string', minLength: 1, maxLength: 200 },
  example: '0f8fad5b-d9cb-469f-a165-70867728950e',
};

interface Property {
  readonly name: string;
  readonly required: boolean;
  readonly schema: JsonSchema;
  readonly description: string | undefined;
}

function properties(schema: z.ZodObject | undefined): Property[] {
  if (!schema) return [];
  const { properties: found, required = [] } = toJsonSchema(schema, 'input').schema as {
    readonly properties: Readonly<Record<string, JsonSchema>>;
    readonly required?: readonly string[];
  };
  return Object.entries(found).map(([name, { description, ...rest }]) => ({
    name,
    required: required.includes(name),
    schema: rest,
    description: typeof description === 'string' ? description : undefined,
  }));
}

function answerDocs(spec: ApiRouteSpec, status: number): MethodDecorator[] {
  const { answer, contentType = 'application/json' } = spec;
  const description = answer ? 'Done.' : 'Done; there is nothing to say.';
  const schema = answer && toJsonSchema(answer, 'output').schema;
  const content = schema && Object.fromEntries([contentType].flat().map((type) => [type, { schema }]));
  return [ApiResponse({ status, description, ...(content && { content }) }), ...problemResponses(spec)];
}
