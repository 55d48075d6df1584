/** Whether codes are in the value sets to which elements are bound: what validation asks, again and again for the same ones. https://hl7.org/fhir/R4/terminologies.html#strength */
import type { Coding } from '@medplum/fhirtypes';
import { FhirError } from '../fhir/outcome.ts';
import { Composer } from './compose.ts';
import type { Contents } from './contents.ts';
import { TERMINOLOGY_LIMITS, type TerminologyLimits } from './limits.ts';
import { Reader, type TerminologySource } from './source.ts';
import { findParts } from './validate-code.ts';

export interface Binding {
  /** Canonical, with or without `|version`. */
  readonly valueSet: string;
  /** Of a code: one coding without a system. One of them has to be in the value set. */
  readonly codings: readonly Pick<Coding, 'system' | 'code' | 'version'>[];
}

/** `unknown`: the value set, or a code system that it needs, is not known here or cannot be worked out. */
export type BindingVerdict = 'member' | 'not-member' | 'unknown';

export interface BindingsOptions {
  readonly limits?: TerminologyLimits;
  /** How long a changed value set may go unnoticed. */
  readonly ttlMs?: number;
  /** Verdicts that are kept, and value sets. */
  readonly keptMax?: number;
}

/** Verdicts of one source, kept for a while. */
export class Bindings {
  readonly #source: TerminologySource;
  readonly #limits: TerminologyLimits;
  readonly #ttlMs: number;
  readonly #keptMax: number;
  #contents = new Map<string, Promise<Contents | undefined>>();
  #verdicts = new Map<string, Promise<BindingVerdict>>();
  #since = 0;

  constructor(source: TerminologySource, options: BindingsOptions = {}) {
    const { limits = TERMINOLOGY_LIMITS, ttlMs = 10_000, keptMax = 20_000 } = options;
    this.#source = source;
    this.#limits = limits;
    this.#ttlMs = ttlMs;
    this.#keptMax = keptMax;
  }

  /** Never throws for what is in the value sets; database faults come through. */
  async judge({ valueSet, codings }: Binding): Promise<BindingVerdict> {
    this.#forget();
    let isUnknown = false;
    for (const coding of codings) {
      const verdict = await this.#verdict(valueSet, coding);
      if (verdict === 'member') return verdict;
      isUnknown ||= verdict === 'unknown';
    }
    return isUnknown ? 'unknown' : 'not-member';
  }

  #verdict(valueSet: string, coding: Binding['codings'][number]): Promise<BindingVerdict> {
    const key = JSON.stringify([valueSet, coding.system, coding.code, coding.version]);
    return kept(this.#verdicts, key, () => this.#workOut(valueSet, coding));
  }

  async #workOut(valueSet: string, { system, code, version }: Coding): Promise<BindingVerdict> {
    if (code === undefined) return 'not-member';
    const contents = await kept(this.#contents, valueSet, () => this.#compose(valueSet));
    if (contents === undefined) return 'unknown';
    try {
      const coding = { code, ...(system && { system }), ...(version && { version }) };
      const { found, unknown } = await findParts(contents, coding);
      if (found.length > 0) return 'member';
      return unknown.length > 0 ? 'unknown' : 'not-member';
    } catch (error) {
      return unknownOr(error, 'unknown' as const);
    }
  }

  async #compose(valueSet: string): Promise<Contents | undefined> {
    const reader = new Reader(this.#source, valueSet, this.#limits);
    try {
      return await new Composer(reader, { isComplete: true }).valueSet(valueSet);
    } catch (error) {
      return unknownOr(error, undefined);
    }
  }

  /** All at once: what is still needed is worked out anew in a moment. */
  #forget(): void {
    const now = Date.now();
    if (now - this.#since < this.#ttlMs && this.#verdicts.size < this.#keptMax) return;
    this.#since = now;
    this.#contents = new Map();
    this.#verdicts = new Map();
  }
}

/** What is refused as the request's fault cannot be worked out; everything else is a fault here. */
function unknownOr<T>(error: unknown, verdict: T): T {
  if (error instanceof FhirError && error.status === 400) return verdict;
  throw error;
}

/** A fault is not kept. */
function kept<T>(all: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const before = all.get(key);
  if (before !== undefined) return before;
  const made = make();
  all.set(key, made);
  made.catch(() => all.delete(key));
  return made;
}
