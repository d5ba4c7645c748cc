/** Errors of the network that a later try may not meet. */
const NETWORK_CODES = new Set(
  'ECONNRESET ECONNREFUSED ECONNABORTED EPIPE ETIMEDOUT ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH ENETDOWN EHOSTDOWN'.split(
    ' ',
  ),
);

/** SQLSTATE classes: connection exceptions; a server out of connections, memory or disk. */
const TRANSIENT_CLASSES = new Set(['08', '53']);
const TRANSIENT_STATES = new Set([
  '25006', // read-only: a standby, during a failover
  '40001', // serialization failure
  '40003', // statement completion unknown
  '40P01', // deadlock
  '55006', // object in use: the slot still has its last reader
  '55P03', // lock not available
  '57014', // cancelled by an administrator or by a standby's recovery
  '57P01', // administrator shut the server down
  '57P02', // server crashed
  '57P03', // server starts up or shuts down
  '57P05', // idle session timeout
  '58030', // input/output error
]);

/** `pg` gives these errors no code. */
const PG_LOST_CONNECTION =
  /^(Connection terminated|timeout expired$|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Query read timeout|Client network socket disconnected)/;

/** The first word of a Redis error is its code. */
const TRANSIENT_REPLIES = new Set(
  'READONLY LOADING CLUSTERDOWN OOM TRYAGAIN MASTERDOWN BUSY UNBLOCKED NOREPLICAS MISCONF'.split(' '),
);
/** `ioredis` gives these errors no code. */
const REDIS_LOST_CONNECTION =
  /^(Connection is closed|Connection is in closing state|Command timed out|Stream isn't writeable|Socket closed unexpectedly|Client network socket disconnected|connect ETIMEDOUT|Socket timeout|Failed to refresh slots cache|ERR max number of clients reached)/;
const REDIS_ERROR_NAMES = new Set(['MaxRetriesPerRequestError', 'ClusterAllFailedError', 'AbortError']);

const MAX_CAUSES = 8;

/** True when the same statement may succeed on a later try, without an operator changing anything but the server's state. */
export function isTransientPostgresError(error: unknown): boolean {
  return someCause(error, ({ code, message }) => {
    if (NETWORK_CODES.has(code)) return true;
    if (/^[0-9A-Z]{5}$/.test(code)) return TRANSIENT_STATES.has(code) || TRANSIENT_CLASSES.has(code.slice(0, 2));
    return code === '' && PG_LOST_CONNECTION.test(message);
  });
}

/** True when the same command may succeed on a later try. */
export function isTransientRedisError(error: unknown): boolean {
  return someCause(error, ({ code, name, message }) => {
    if (NETWORK_CODES.has(code) || REDIS_ERROR_NAMES.has(name)) return true;
    const [reply = ''] = message.split(' ', 1);
    return TRANSIENT_REPLIES.has(reply) || REDIS_LOST_CONNECTION.test(message);
  });
}

interface ErrorFacts {
  readonly code: string;
  readonly name: string;
  readonly message: string;
}

/** Looks at the error, at what caused it, and at the parts of an aggregate (one per address that was tried). */
function someCause(error: unknown, test: (facts: ErrorFacts) => boolean): boolean {
  const pending = [error];
  for (let seen = 0; pending.length > 0 && seen < MAX_CAUSES; seen++) {
    const current = pending.shift();
    if (!(current instanceof Error)) continue;
    const { code, cause, errors } = current as Error & { code?: unknown; errors?: unknown };
    if (test({ code: typeof code === 'string' ? code : '', name: current.name, message: current.message })) return true;
    pending.push(cause, ...(Array.isArray(errors) ? (errors as unknown[]) : []));
  }
  return false;
}
