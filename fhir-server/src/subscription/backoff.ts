/** Delay before the next attempt: exponential with full jitter in the upper half, so that retries spread but never rush. */
export interface BackoffSettings {
  readonly retryDelayMs: number;
  readonly retryDelayMaxMs: number;
}

/** @param attempt attempts made so far, from 1. @param random in [0, 1). @returns milliseconds */
export function retryDelay(attempt: number, settings: BackoffSettings, random = Math.random()): number {
  const ceiling = Math.min(settings.retryDelayMaxMs, settings.retryDelayMs * 2 ** Math.min(attempt - 1, 40));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}
