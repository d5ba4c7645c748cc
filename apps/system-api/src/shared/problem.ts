import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import { type Problem } from '@astro/contracts';

export type ProblemFacts = Pick<Problem, 'status' | 'title' | 'detail' | 'code'>;

const INTERNAL = 500;
const INTERNAL_DETAIL = 'Something went wrong on our side. Try again; if it stays, report the request id.';

/** Errors of the body parser, by their `type`. */
const BODY_PROBLEMS: Record<string, string> = {
  'entity.parse.failed': 'The body is not valid JSON.',
  'entity.too.large': 'The body is too large.',
  'encoding.unsupported': 'The encoding of the body is not supported.',
  'charset.unsupported': 'The character set of the body is not supported.',
  'request.aborted': 'The body did not arrive completely.',
};

/** What may be told about an error. Only what was meant for callers gets out: no stack, no SQL, no inner message. */
export function problemOf(error: unknown): ProblemFacts {
  if (error instanceof HttpException) return facts(error.getStatus(), detailOf(error));
  const { status, type } = error as { status?: unknown; type?: unknown };
  const detail = typeof type === 'string' ? BODY_PROBLEMS[type] : undefined;
  if (detail !== undefined && typeof status === 'number' && status < INTERNAL) return facts(status, detail);
  if (error instanceof URIError) return facts(400, 'The address holds a % that is not part of an encoded character.');
  return facts(INTERNAL, INTERNAL_DETAIL);
}

function detailOf(error: HttpException): string {
  if (error.getStatus() === 404) return 'There is nothing at this address.';
  return error.getStatus() >= INTERNAL && error.getStatus() !== 503 ? INTERNAL_DETAIL : error.message;
}

function facts(status: number, detail: string): ProblemFacts {
  const title = STATUS_CODES[status] ?? 'Error';
  const code = title.toUpperCase().replace(/[^A-Z]+/g, '_');
  return { status, title, detail, code };
}
