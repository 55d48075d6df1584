/** One provider behind its limits: how many calls at once, how long each, how often again, and when it is left alone. */
import {
  bulkhead,
  circuitBreaker,
  handleWhen,
  isTaskCancelledError,
  retry,
  timeout,
  TimeoutStrategy,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import { restBackoff, retryAfterOf, retryBackoff } from './backoff.ts';
import { countsAgainst, failureKind, isRetriable, ProviderLeftOut, ProviderTimeout } from './failure.ts';
import { healthRecord, type ProviderHealth } from './health.ts';
import type { Party } from './provider.ts';

export interface Limits {
  /** Of one attempt. */
  readonly timeoutMs: number;
  /** Calls under way at once; further ones wait, at most `queueMax` of them. */
  readonly concurrency: number;
  readonly queueMax: number;
  /** Further attempts after a fault that may pass. */
  readonly retries: number;
  readonly retryDelayMs: number;
  /** Also the longest wait that a provider may ask for; one that asks for more is left out for so long. */
  readonly retryDelayMaxMs: number;
  /** Failures in a row until the provider is left out, and for how long at first. */
  readonly failuresUntilOpen: number;
  readonly restMs: number;
}

export interface Guard {
  /** Throws what the last attempt threw, ProviderLeftOut, a BrokenCircuitError, or at once the signal's reason when it aborts. */
  execute<T>(work: (signal: AbortSignal, attempt: number) => Promise<T>, signal: AbortSignal): Promise<T>;
  health(): ProviderHealth;
}

export function createGuard(
  stage: string,
  { key, provider }: { readonly key: string; readonly provider: { readonly party: Party } },
  limits: Limits,
): Guard {
  const isHere = provider.party === 'here';
  const record = healthRecord(stage, key);
  // What runs here takes all processors by itself: waiting for its turn is not part of its time.
  const lanes = bulkhead(isHere ? 1 : limits.concurrency, limits.queueMax);
  const circuit = createCircuit(limits, isHere);
  // Aggressive: a provider that does not heed the signal is not waited for.
  const limit = timeout(limits.timeoutMs, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: true });
  let leftAloneUntil = 0;

  async function attempt<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    record.started();
    const start = performance.now();
    try {
      const answer = await limit.execute((context) => work(context.signal), signal);
      record.answered(performance.now() - start);
      return answer;
    } catch (error) {
      const fault = isTaskCancelledError(error) ? cancelled(signal) : error;
      if (signal.aborted) record.stopped();
      else record.failed(fault);
      const asked = retryAfterOf(fault);
      if (asked > limits.retryDelayMaxMs) leftAloneUntil = Math.max(leftAloneUntil, Date.now() + asked);
      throw fault;
    }
  }

  return {
    async execute(work, signal) {
      signal.throwIfAborted();
      if (leftAloneUntil > Date.now()) throw new ProviderLeftOut('asked to be left alone for a while');
      let unusable = 0;
      const again = retry(
        handleWhen((error) => {
          if (failureKind(error) === 'unusable') unusable += 1;
          return unusable < 2 && isRetriable(error, isHere) && retryAfterOf(error) <= limits.retryDelayMaxMs;
        }),
        {
          maxAttempts: limits.retries,
          backoff: retryBackoff(limits.retryDelayMs, limits.retryDelayMaxMs),
        },
      );
      const answer = again.execute(
        (context) =>
          lanes.execute(
            () => circuit.execute(() => attempt((inner) => work(inner, context.attempt), signal), signal),
            signal,
          ),
        signal,
      );
      return orAborted(answer, signal);
    },
    health: () => record.read(circuit.state),
  };
}

/** Opens after failures in a row, and at once when keys or rights are wrong. */
function createCircuit(limits: Limits, isHere: boolean): CircuitBreakerPolicy {
  let inARow = 0;
  let isMisconfigured = false;
  const circuit = circuitBreaker(
    handleWhen((error) => {
      isMisconfigured = failureKind(error) === 'misconfigured';
      return countsAgainst(error, isHere);
    }),
    {
      halfOpenAfter: restBackoff(limits.restMs),
      breaker: {
        state: 0,
        success() {
          inARow = 0;
        },
        failure() {
          inARow += 1;
          return isMisconfigured || inARow >= limits.failuresUntilOpen;
        },
      },
    },
  );
  circuit.onReset(() => (inARow = 0));
  return circuit;
}

/** The time limit cancels, and so does the caller: only the first is the provider's fault. */
function cancelled(signal: AbortSignal): Error {
  return signal.aborted ? new DOMException('stopped', 'AbortError') : new ProviderTimeout();
}

/** Waiting between attempts and in the queue cannot be cut short otherwise. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', onAbort));
}
