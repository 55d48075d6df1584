/** The contract between the stages of the pipeline and whoever answers them: our own code, a program here, or a service. */

/** What one call used, as far as the provider tells. */
export interface Usage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  /** Characters that a service bills, as Comprehend Medical does. */
  readonly characters?: number;
  readonly audioSeconds?: number;
}

export interface Answered<Output> {
  readonly output: Output;
  readonly usage?: Usage;
}

/**
 * Who gets to see what is sent: `here` stays in this process or on this machine, `clinic` is a service that the clinic
 * runs itself, `third-party` is somebody else's. Text for a third party has its identifiers taken out first.
 */
export type Party = 'here' | 'clinic' | 'third-party';

export interface Provider<Input, Output> {
  /** As it appears in Device and Provenance. */
  readonly name: string;
  readonly version: string;
  /** The model or deployment that answers, where there is one. */
  readonly model?: string;
  /** Shown wherever the provider is named, e.g. "demo quality". */
  readonly remark?: string;
  readonly party: Party;
  /** Whatever else decides the answer beside version and model, e.g. the prompt's version: part of the cache's key. */
  readonly parameters?: string;
  /** Answers faster than a cache would, so that its answers are never kept. */
  readonly isQuick?: boolean;
  /** Why the provider cannot take this input, in words for a clinician or an operator; undefined when it can. */
  refusal(input: Input): string | undefined;
  /** Throws ProviderFault, or an Error with a reason in words without PHI. Must stop when the signal aborts. */
  run(input: Input, signal: AbortSignal): Promise<Answered<Output>>;
}

/**
 * `throttled`: asked too often (see retryAfterMs); `unavailable`: no answer, or 5xx; `rejected`: this input is not taken
 * (400, content filter, too long), another provider may; `unusable`: answered, but cut off or not in the form asked for;
 * `misconfigured`: keys, deployment or rights are wrong, for every input.
 */
export type FaultKind = 'throttled' | 'unavailable' | 'rejected' | 'unusable' | 'misconfigured';

/** A provider that did not do its work. The message is in words, for clinicians and operators, and holds nothing of the input. */
export class ProviderFault extends Error {
  readonly kind: FaultKind;
  /** How long the provider asked to be left alone. */
  readonly retryAfterMs?: number;
  /** Billed although nothing came of it. */
  readonly usage?: Usage;

  constructor(
    kind: FaultKind,
    message: string,
    details: { readonly retryAfterMs?: number; readonly usage?: Usage; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ProviderFault';
    this.kind = kind;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
    if (details.usage !== undefined) this.usage = details.usage;
  }
}

/** Another attempt at the same provider may succeed. */
export const isWorthRetrying = (error: unknown): boolean =>
  !(error instanceof ProviderFault) || error.kind === 'throttled' || error.kind === 'unavailable';
