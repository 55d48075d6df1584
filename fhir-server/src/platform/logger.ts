/** Structured logs on stdout. No PHI: log ids, types, statuses and durations, never resource content or query values. */
import { pino, type Logger } from 'pino';
import { isTracing, traceFields } from './tracing.ts';

export type { Logger };

export function createLogger(name: string, level: string): Logger {
  return pino({
    name,
    level,
    base: { name },
    timestamp: pino.stdTimeFunctions.isoTime,
    ...(isTracing() && { mixin: traceFields }),
  });
}
