/** How long to wait before the next attempt, and how long a provider in trouble is left alone. */
import {
  DelegateBackoff,
  ExponentialBackoff,
  type IBackoff,
  type IBackoffFactory,
  type IHalfOpenAfterBackoffContext,
  type IRetryBackoffContext,
} from 'cockatiel';
import { failureKind } from './failure.ts';
import { ProviderFault } from './provider.ts';

/** Keys and rights are mended by people, not within seconds. */
const MISCONFIGURED_REST_MS = 300_000;
const REST_MAX_MS = 600_000;

export const retryAfterOf = (error: unknown): number =>
  error instanceof ProviderFault ? (error.retryAfterMs ?? 0) : 0;

/** Exponential with jitter, but never sooner than the provider asked for. */
export function retryBackoff(
  initialDelay: number,
  maxDelay: number,
): IBackoffFactory<IRetryBackoffContext<unknown>> {
  const exponential = new ExponentialBackoff({ initialDelay, maxDelay });
  return new DelegateBackoff<IRetryBackoffContext<unknown>, IBackoff<unknown>>(({ result }, state) => {
    const step = state === undefined ? exponential.next() : state.next(undefined);
    const asked = 'error' in result ? retryAfterOf(result.error) : 0;
    return { delay: Math.max(step.duration, asked), state: step };
  });
}

/** Doubles with each failed trial, up to ten minutes. */
export function restBackoff(restMs: number): IBackoffFactory<IHalfOpenAfterBackoffContext> {
  return new DelegateBackoff(({ attempt, result }) => {
    const isMisconfigured = 'error' in result && failureKind(result.error) === 'misconfigured';
    const rest = Math.min(restMs * 2 ** (attempt - 1), REST_MAX_MS);
    return isMisconfigured ? Math.max(rest, Math.min(MISCONFIGURED_REST_MS, restMs * 10)) : rest;
  });
}
