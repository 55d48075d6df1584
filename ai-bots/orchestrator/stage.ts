/** Runs one stage of the pipeline: the first provider that can take the input answers; the others are named with their reason. */
import { NoProviderError, nameOf, type Answer, type PassedOver, type PassedOverKind } from './answer.ts';
import type { Ledger } from './budget/ledger.ts';
import type { Billed } from './budget/prices.ts';
import type { AnswerCache } from './cache/index.ts';
import { failureKind, reasonOf } from './failure.ts';
import { createGuard, type Guard, type Limits } from './guard.ts';
import type { ProviderHealth } from './health.ts';
import { ProviderFault, type Answered, type Party, type Provider } from './provider.ts';
import type { Finder } from './redact/finder.ts';
import { redactInput, type Redacted } from './redact/redact-input.ts';
import type { Asked, StageRun } from './stage-run.ts';
import type { Outcome, StageMetrics } from './telemetry/metrics.ts';
import { inSpan } from './telemetry/span.ts';

/** What a call brings beside its input. */
export interface Call {
  readonly signal: AbortSignal;
  /** What finds the identifiers of the people of the visit. Left out: they are not known, and no text goes to others. */
  readonly identifiers?: readonly Finder[];
  /** Told once, when the stage has an answer or nobody could give one; not when the signal aborts. */
  readonly onRun?: (run: StageRun) => void;
}

export interface Stage<Input, Output> {
  /** Throws NoProviderError when every provider refused or failed, and the signal's reason when it aborts. */
  run(input: Input, call: Call): Promise<Answer<Output>>;
  health(): readonly ProviderHealth[];
}

/** What became of an output that was held against its input. */
export interface Checked<Output> {
  readonly output: Output;
  readonly dropped: number;
  readonly marked: number;
}

export interface StageParts<Input, Output> {
  readonly limits: Limits;
  /** Whose texts go without identifiers. */
  readonly redactFor?: ReadonlySet<Party>;
  /** Holds every output against its input. Throws ProviderFault `unusable` when nothing of it is left. */
  readonly check?: (input: Input, output: Output, provider: Provider<Input, Output>) => Checked<Output>;
  readonly cache?: AnswerCache;
  readonly ledger?: Ledger;
  readonly metrics?: StageMetrics;
  readonly log?: { warn(details: object, message: string): void };
}

/** A provider under the short name that settings, prices and metrics use: `azure-openai`. */
export interface Candidate<Input, Output> {
  readonly key: string;
  readonly provider: Provider<Input, Output>;
}

interface Guarded<Input, Output> extends Candidate<Input, Output> {
  readonly guard: Guard;
}

/** A provider that is not asked, or gave nothing; never leaves the stage. */
class Passed extends Error {
  readonly kind: PassedOverKind;

  constructor(kind: PassedOverKind, reason: string) {
    super(reason);
    this.kind = kind;
  }
}

/** @param name a verb, e.g. "transcribe". @param candidates in order of preference */
export function createStage<Input, Output>(
  name: string,
  candidates: readonly Candidate<Input, Output>[],
  parts: StageParts<Input, Output>,
): Stage<Input, Output> {
  const guarded = candidates.map((candidate) => ({
    ...candidate,
    guard: createGuard(name, candidate, parts.limits),
  }));
  return {
    run: (input, call) =>
      inSpan(`ai.stage ${name}`, { 'ai.stage': name }, async (span) => {
        const passedOver: PassedOver[] = [];
        const asked: Asked[] = [];
        for (const candidate of guarded) {
          try {
            const { output, isCached } = await ask(name, candidate, input, call, parts, asked);
            call.onRun?.({ stage: name, asked });
            span.setAttributes({
              'ai.provider': candidate.key,
              'ai.passed_over': passedOver.length,
            });
            return { provider: nameOf(candidate.provider), output, passedOver, isCached };
          } catch (error) {
            if (!(error instanceof Passed)) throw error;
            passedOver.push({ provider: candidate.provider.name, reason: error.message, kind: error.kind });
          }
        }
        call.onRun?.({ stage: name, asked });
        throw new NoProviderError(name, passedOver);
      }),
    health: () => guarded.map(({ guard }) => guard.health()),
  };
}

/** Adds what became of it to `asked`. Throws Passed when the next provider is to be asked. */
async function ask<Input, Output>(
  stage: string,
  { key: name, provider, guard }: Guarded<Input, Output>,
  input: Input,
  call: Call,
  parts: StageParts<Input, Output>,
  asked: Asked[],
): Promise<{ output: Output; isCached: boolean }> {
  const { metrics, log } = parts;
  const billed = { name, ...(provider.model === undefined ? {} : { model: provider.model }) };
  const bill = new Bill();
  const count = (outcome: Outcome, seconds?: number): void => {
    metrics?.asked(stage, name, outcome, seconds);
    asked.push({
      provider: name,
      outcome,
      ...(seconds === undefined ? {} : { durationMs: Math.round(seconds * 1_000) }),
      ...bill.inCurrency(parts.ledger),
    });
  };
  const passed = (kind: PassedOverKind, reason: string, seconds?: number): Passed => {
    count(kind, seconds);
    if (kind !== 'refused') log?.warn({ stage, provider: name, kind, reason }, 'provider passed over');
    return new Passed(kind, reason);
  };
  call.signal.throwIfAborted();
  const refusal = provider.refusal(input);
  if (refusal !== undefined) throw passed('refused', refusal);
  const sent = redactedFor(provider, input, call, parts);
  if (sent === undefined) throw passed('identifiers', 'identifiers of the patient could not be taken out');
  const key = provider.isQuick === true ? undefined : parts.cache?.key(stage, provider, sent.input);
  const known = key === undefined ? undefined : await fromCache(key, provider, input, sent, parts);
  if (known !== undefined) {
    count('cached');
    return { output: known, isCached: true };
  }
  const spent = await parts.ledger?.exhausted(billed);
  if (spent !== undefined) throw passed('budget', spent);
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1_000;
  try {
    const output = await guard.execute(
      (signal, attempt) =>
        inSpan('ai.attempt', attributesOf(stage, billed, attempt), async () => {
          const raw = await charged(billed, () => provider.run(sent.input, signal), parts, bill);
          const { output: checked, dropped, marked } = held(provider, input, sent.restore(raw.output), parts);
          metrics?.checked(stage, name, dropped, marked);
          if (key !== undefined) parts.cache?.set(key, raw.output);
          return checked;
        }),
      call.signal,
    );
    count('answered', seconds());
    return { output, isCached: false };
  } catch (error) {
    call.signal.throwIfAborted();
    throw passed(failureKind(error), reasonOf(error), seconds());
  }
}

/** What one provider charges for one question, over all attempts. */
class Bill {
  amount = 0;

  inCurrency(ledger: Ledger | undefined): Pick<Asked, 'cost'> {
    if (ledger === undefined || this.amount === 0) return {};
    // As exact as budgets are.
    const amount = Math.round(this.amount * 1_000_000) / 1_000_000;
    return { cost: { amount, currency: ledger.currency } };
  }
}

const attributesOf = (stage: string, { name, model }: Billed, attempt: number) => ({
  'ai.stage': stage,
  'ai.provider': name,
  'ai.attempt': attempt,
  ...(model === undefined ? {} : { 'ai.model': model }),
});

/** What was used is counted whatever becomes of the answer, also when it comes too late. */
async function charged<Output>(
  provider: Billed,
  work: () => Promise<Answered<Output>>,
  { ledger, metrics }: Pick<StageParts<never, Output>, 'ledger' | 'metrics'>,
  bill: Bill,
): Promise<Answered<Output>> {
  const charge = (usage: Answered<Output>['usage']): void => {
    if (usage === undefined) return;
    const cost = ledger?.record(provider, usage) ?? 0;
    bill.amount += cost;
    metrics?.used(provider.name, usage, cost);
  };
  try {
    const answered = await work();
    charge(answered.usage);
    return answered;
  } catch (error) {
    if (error instanceof ProviderFault) charge(error.usage);
    throw error;
  }
}

function redactedFor<Input, Output>(
  { party }: Provider<Input, Output>,
  input: Input,
  { identifiers }: Call,
  { redactFor }: StageParts<Input, Output>,
): Redacted<Input> | undefined {
  if (redactFor?.has(party) !== true) return { input, restore: (output) => output };
  return identifiers === undefined ? undefined : redactInput(input, identifiers);
}

const held = <Input, Output>(
  provider: Provider<Input, Output>,
  input: Input,
  output: Output,
  { check }: StageParts<Input, Output>,
): Checked<Output> =>
  check === undefined ? { output, dropped: 0, marked: 0 } : check(input, output, provider);

/** Undefined when there is none, or when it no longer passes the check. */
async function fromCache<Input, Output>(
  key: string,
  provider: Provider<Input, Output>,
  input: Input,
  { restore }: Redacted<Input>,
  parts: StageParts<Input, Output>,
): Promise<Output | undefined> {
  const known = (await parts.cache?.get(key)) as Output | undefined;
  if (known === undefined) return undefined;
  try {
    return held(provider, input, restore(known), parts).output;
  } catch {
    return undefined;
  }
}
