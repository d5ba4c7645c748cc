import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import { type Problem } from '@astro/contracts';

export type ProblemFacts = Pick<Problem, 'status' | 'title' | 'detail' | 'code'>;

const INTERNAL = 500;
const INTERNAL_DETAIL = 'Something went wrong on our side. Try again; if it stays, report the request id.';

/** Where the framework's own words would not help the caller. */
const DETAILS: Readonly<Record<number, string>> = {
  404: 'There is nothing at this address.',
  413: 'The body is too large.',
};

/**
 * What may be told about an error: the words of an `HttpException` below 500 were meant for the caller (the
 * framework turns what is wrong with a body or an address into one), everything else stays in the log.
 */
export function problemOf(error: unknown): ProblemFacts {
  if (!(error instanceof HttpException)) return facts(INTERNAL, INTERNAL_DETAIL);
  const status = error.getStatus();
  return facts(status, status < INTERNAL ? (DETAILS[status] ?? error.message) : INTERNAL_DETAIL);
}

function facts(status: number, detail: string): ProblemFacts {
  const title = STATUS_CODES[status] ?? 'Error';
  const code = title.toUpperCase().replace(/[^A-Z]+/g, '_');
  return { status, title, detail, code };
}
