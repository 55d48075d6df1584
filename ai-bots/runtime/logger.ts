/** Structured logs on stdout. No PHI: ids, types, statuses and durations only. */
import { pino, type Logger } from 'pino';

export type { Logger };

export function createLogger(level: string): Logger {
  return pino({ name: 'bots', level, base: { name: 'bots' }, timestamp: pino.stdTimeFunctions.isoTime });
}
