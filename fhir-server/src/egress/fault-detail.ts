/** What went wrong on the way, for the operator: the innermost cause, wherever it comes from. */

interface Fault {
  readonly message?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
}

const isFault = (value: unknown): value is Fault => typeof value === 'object' && value !== null;

export function detailOf(error: unknown): string {
  let fault = error;
  for (let depth = 0; depth < 5 && isFault(fault) && isFault(fault.cause); depth += 1) fault = fault.cause;
  if (!isFault(fault)) return String(fault);
  const { message, code } = fault;
  const text = typeof message === 'string' && message !== '' ? message : code;
  return typeof text === 'string' ? text : 'unknown';
}
