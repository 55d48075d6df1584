/** Structured logs on stdout. No PHI: ids, types, statuses and durations only. */
import { pino } from 'pino';
import { traceFields } from './tracing.ts';

export interface LogFields {
  readonly [name: string]: unknown;
}

interface Write {
  (fields: LogFields, message: string): void;
  (message: string): void;
}

export interface Logger {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  readonly fatal: Write;
}

export function createLogger(level: string): Logger {
  return pino({
    name: 'bots',
    level,
    base: { name: 'bots' },
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: traceFields,
  });
}

/** What a bot's handler logs, with its name, and without what may tell of a patient. */
export function botLogger(logger: Logger, bot: string): Logger {
  const write = (level: keyof Logger): Write => {
    return (first: LogFields | string, message?: string): void => {
      if (typeof first === 'string') logger[level]({ bot }, first);
      else logger[level]({ ...harmless(first), bot }, message ?? '');
    };
  };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
  };
}

const OWN_FAULTS = ['HttpFailure', 'PermanentFault', 'TimeoutError', 'AbortError'];

/** Ids, codes, numbers and the like: a text with white space may be a name or a finding, an unknown error may quote one. */
function harmless(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]): [string, unknown] => {
      if (typeof value === 'number' || typeof value === 'boolean' || value === undefined)
        return [name, value];
      if (typeof value === 'string') return [name, /^\S{0,200}$/.test(value) ? value : '(left out)'];
      if (value instanceof Error) return [name, describe(value)];
      return [name, Array.isArray(value) ? value.length : '(left out)'];
    }),
  );
}

function describe(error: Error): LogFields {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const message = OWN_FAULTS.includes(error.name) ? error.message : '(left out)';
  return { type: error.name, message, stack: frames.slice(0, 6).join('\n') };
}
