/** What became of one question to a stage: who was asked, how long each took and what it cost. Names and kinds alone, no texts. */
import type { Outcome } from './telemetry/metrics.ts';

export interface StageRun {
  /** A verb, e.g. "transcribe". */
  readonly stage: string;
  /** In order; the last one answered, if any did. */
  readonly asked: readonly Asked[];
}

export interface Asked {
  /** The short name that settings, prices and metrics use. */
  readonly provider: string;
  readonly outcome: Outcome;
  /** With all its attempts and its waiting; left out where it was not asked. */
  readonly durationMs?: number;
  /** By the price table, as far as the provider had told by then what it used. Left out where nothing was charged. */
  readonly cost?: Cost;
}

export interface Cost {
  readonly amount: number;
  /** ISO 4217. */
  readonly currency: string;
}
