/** Why a provider gave no answer: a kind for metrics and policy, and words for clinicians and operators. */
import { isBrokenCircuitError, isBulkheadRejectedError } from 'cockatiel';
import { isWorthRetrying, ProviderFault, type FaultKind } from './provider.ts';

/** `left-out`: failed too often lately; `busy`: too many wait already; `failed`: an error that is no ProviderFault. */
export type FailureKind = FaultKind | 'timeout' | 'left-out' | 'busy' | 'failed';

/** The provider had its time, whether or not it heeded the signal. */
export class ProviderTimeout extends Error {
  constructor() {
    super('took too long');
    this.name = 'TimeoutError';
  }
}

/** The provider has asked to be left alone until later, or failed too often lately. */
export class ProviderLeftOut extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProviderLeftOut';
  }
}

export function failureKind(error: unknown): FailureKind {
  if (error instanceof ProviderFault) return error.kind;
  if (error instanceof ProviderLeftOut || isBrokenCircuitError(error)) return 'left-out';
  if (isBulkheadRejectedError(error)) return 'busy';
  if (nameOf(error) === 'TimeoutError') return 'timeout';
  return 'failed';
}

/** Built-in errors are faults of a program and may quote what it worked on: their texts are not shown. */
const OWN_WORDS = new Set(['Error', 'ProviderFault', 'ProviderLeftOut', 'TimeoutError']);

export function reasonOf(error: unknown): string {
  if (isBrokenCircuitError(error)) return 'failed several times and is left out for a while';
  if (isBulkheadRejectedError(error)) return 'too many requests wait for it already';
  if (nameOf(error) === 'TimeoutError') return 'took too long';
  return OWN_WORDS.has(nameOf(error)) ? (error as Error).message : 'an unexpected fault';
}

/** What another attempt at the same provider may mend. What runs here fails the same way again, unless it says otherwise. */
export function isRetriable(error: unknown, isHere: boolean): boolean {
  const kind = failureKind(error);
  if (kind === 'unusable') return true;
  if (kind === 'failed') return !isHere && !isAborted(error);
  return error instanceof ProviderFault && isWorthRetrying(error);
}

/** What says that the provider is in trouble, rather than that this input is. */
export function countsAgainst(error: unknown, isHere: boolean): boolean {
  const kind = failureKind(error);
  if (kind === 'failed') return !isHere && !isAborted(error);
  return kind === 'throttled' || kind === 'unavailable' || kind === 'misconfigured' || kind === 'timeout';
}

const isAborted = (error: unknown): boolean => nameOf(error) === 'AbortError';

const nameOf = (error: unknown): string => (error as Partial<Error> | null | undefined)?.name ?? '';
