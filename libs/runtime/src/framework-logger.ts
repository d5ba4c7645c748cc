import type { Logger } from './logger.js';

/** The shape of a framework's own logger, such as NestJS' `LoggerService`. */
export interface FrameworkLogger {
  log(message: unknown, ...context: unknown[]): void;
  error(message: unknown, ...context: unknown[]): void;
  warn(message: unknown, ...context: unknown[]): void;
  debug(message: unknown, ...context: unknown[]): void;
  verbose(message: unknown, ...context: unknown[]): void;
  fatal(message: unknown, ...context: unknown[]): void;
}

/** Sends what a framework has to say to our log: its chatter at level debug, its warnings and errors as they are. */
export function frameworkLogger(log: Logger): FrameworkLogger {
  const at =
    (level: 'debug' | 'trace' | 'warn' | 'error' | 'fatal') =>
    (message: unknown, ...context: unknown[]): void => {
      if (message instanceof Error) log[level]({ event: 'framework', error: message }, message.message);
      else log[level]({ event: 'framework', context: context.at(-1) }, String(message));
    };
  return {
    log: at('debug'),
    debug: at('trace'),
    verbose: at('trace'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
  };
}
