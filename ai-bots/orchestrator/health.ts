/** What is known of a provider at one stage, for operators. */
import { CircuitState } from 'cockatiel';
import { failureKind, reasonOf, type FailureKind } from './failure.ts';

export interface ProviderHealth {
  readonly stage: string;
  readonly provider: string;
  /** `closed`: is asked; `open`: left out for a while; `half-open`: on trial. */
  readonly state: 'closed' | 'open' | 'half-open';
  /** In words, when the provider needs an operator: keys, deployment or rights are wrong. */
  readonly attention?: string;
  readonly lastFailure?: { readonly kind: FailureKind; readonly reason: string; readonly at: string };
  /** Moving average of the answers' times. */
  readonly latencyMs?: number;
  readonly running: number;
}

export interface HealthRecord {
  started(): void;
  answered(ms: number): void;
  failed(error: unknown): void;
  /** Ended by its caller. */
  stopped(): void;
  read(state: CircuitState): ProviderHealth;
}

const SMOOTHING = 0.2;

export function healthRecord(stage: string, provider: string): HealthRecord {
  let running = 0;
  let latencyMs: number | undefined;
  let lastFailure: ProviderHealth['lastFailure'];
  let attention: string | undefined;
  return {
    started() {
      running += 1;
    },
    answered(ms) {
      running -= 1;
      latencyMs = latencyMs === undefined ? ms : latencyMs + SMOOTHING * (ms - latencyMs);
      attention = undefined;
    },
    failed(error) {
      running -= 1;
      const kind = failureKind(error);
      lastFailure = { kind, reason: reasonOf(error), at: new Date().toISOString() };
      if (kind === 'misconfigured') attention = lastFailure.reason;
    },
    stopped() {
      running -= 1;
    },
    read: (state) => ({
      stage,
      provider,
      state: STATES[state],
      ...(attention === undefined ? {} : { attention }),
      ...(lastFailure === undefined ? {} : { lastFailure }),
      ...(latencyMs === undefined ? {} : { latencyMs: Math.round(latencyMs) }),
      running,
    }),
  };
}

const STATES: Readonly<Record<CircuitState, ProviderHealth['state']>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.Isolated]: 'open',
  [CircuitState.HalfOpen]: 'half-open',
};
