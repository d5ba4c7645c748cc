import { ApiError } from './api-error.js';
import { noteAnswer, noteSilence } from './connection.js';
import { credentials } from './credentials.js';

/** Reads are quick; what starts work may compute a preview first. */
const READ_TIMEOUT_MS = 8_000;
const WRITE_TIMEOUT_MS = 60_000;
const UNAUTHENTICATED = 401;
/** Said by what stands before the server, not by the server. */
const GATEWAY_FAILURES: ReadonlySet<number> = new Set([502, 504]);

/** `fetch` without credentials and without renewing them: for signing in, and for asking whether anybody is there. */
export async function publicFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  return send(requestOf(input, init), null);
}

/**
 * `fetch` with the access token of the session; after a 401 it gets a new one and tries once more. For the generated
 * client.
 * @throws {ApiError} with the code `UNREACHABLE` when the server does not answer
 */
export async function authorizedFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = requestOf(input, init);
  const token = await credentials().token();
  const response = await send(request.clone(), token);
  if (response.status !== UNAUTHENTICATED || token === null) return response;
  if (!(await credentials().renew(token))) return response;
  return send(request, await credentials().token());
}

async function send(request: Request, token: string | null): Promise<Response> {
  if (token !== null) request.headers.set('authorization', `Bearer ${token}`);
  const timeoutMs = request.method === 'GET' ? READ_TIMEOUT_MS : WRITE_TIMEOUT_MS;
  const late = new AbortController();
  // Only until the answer begins: an export may then take its time.
  const timer = setTimeout(() => late.abort(new DOMException('No answer', 'TimeoutError')), timeoutMs);
  try {
    const response = await fetch(request, { signal: AbortSignal.any([request.signal, late.signal]) });
    if (GATEWAY_FAILURES.has(response.status)) noteSilence();
    else noteAnswer();
    return response;
  } catch (error) {
    request.signal.throwIfAborted();
    noteSilence();
    throw unreachable(error, timeoutMs);
  } finally {
    clearTimeout(timer);
  }
}

function unreachable(error: unknown, timeoutMs: number): ApiError {
  const isLate = error instanceof DOMException && error.name === 'TimeoutError';
  const detail = isLate
    ? `It did not answer within ${timeoutMs / 1000} s.`
    : 'Check that system-api runs and that you are online.';
  return new ApiError(detail, { title: 'The server cannot be reached', code: 'UNREACHABLE', requestId: null });
}

/** A path becomes a whole address, because not everything that makes requests knows where the page is. */
function requestOf(input: RequestInfo | URL, init: RequestInit | undefined): Request {
  return new Request(typeof input === 'string' ? new URL(input, window.location.origin) : input, init);
}
