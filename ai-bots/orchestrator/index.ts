/** Runs one stage of the pipeline: the first provider that can take the input answers; the others are named with their reason. */
import { circuitBreaker, ConsecutiveBreaker, handleAll, isBrokenCircuitError, type IPolicy } from 'cockatiel';
import type { Provider } from './provider.ts';

export type { Provider } from './provider.ts';

export interface Answer<Output> {
  readonly provider: ProviderName;
  readonly output: Output;
  /** Providers that were asked before, and why they did not answer. */
  readonly passedOver: readonly PassedOver[];
}

export interface ProviderName {
  readonly name: string;
  readonly version: string;
  readonly remark?: string;
}

export interface PassedOver {
  readonly provider: string;
  readonly reason: string;
}

/** No provider of a stage could answer; `passedOver` says why each could not. */
export class NoProviderError extends Error {
  readonly passedOver: readonly PassedOver[];

  constructor(stage: string, passedOver: readonly PassedOver[]) {
    super(`no provider could ${stage}: ${passedOver.map((p) => `${p.provider}: ${p.reason}`).join('; ')}`);
    this.name = 'NoProviderError';
    this.passedOver = passedOver;
  }
}

export interface Stage<Input, Output> {
  /** Throws NoProviderError when every provider refused or failed, and the signal's reason when it aborts. */
  run(input: Input, signal: AbortSignal): Promise<Answer<Output>>;
}

const FAILURES_UNTIL_OPEN = 3;
const HALF_OPEN_AFTER_MS = 60_000;

/** @param name a verb, e.g. "transcribe". @param providers in order of preference. @param options timeoutMs: per provider */
export function createStage<Input, Output>(
  name: string,
  providers: readonly Provider<Input, Output>[],
  options: { readonly timeoutMs: number },
): Stage<Input, Output> {
  // A provider that failed several times in a row is passed over for a while instead of costing its timeout each time.
  const guarded = providers.map((provider) => ({
    provider,
    breaker: circuitBreaker(handleAll, {
      halfOpenAfter: HALF_OPEN_AFTER_MS,
      breaker: new ConsecutiveBreaker(FAILURES_UNTIL_OPEN),
    }),
  }));
  return {
    async run(input, signal) {
      const passedOver: PassedOver[] = [];
      for (const { provider, breaker } of guarded) {
        const refusal = provider.refusal(input);
        if (refusal !== undefined) {
          passedOver.push({ provider: provider.name, reason: refusal });
          continue;
        }
        try {
          const output = await attempt(provider, breaker, input, signal, options.timeoutMs);
          return { provider: nameOf(provider), output, passedOver };
        } catch (error) {
          signal.throwIfAborted();
          passedOver.push({ provider: provider.name, reason: reasonOf(error) });
        }
      }
      throw new NoProviderError(name, passedOver);
    },
  };
}

function attempt<Input, Output>(
  provider: Provider<Input, Output>,
  breaker: IPolicy,
  input: Input,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<Output> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  return breaker.execute(async () => (await provider.run(input, limit)).output);
}

function nameOf({ name, version, remark }: ProviderName): ProviderName {
  return { name, version, ...(remark === undefined ? {} : { remark }) };
}

function reasonOf(error: unknown): string {
  if (isBrokenCircuitError(error)) return 'failed several times and is left out for a minute';
  if (error instanceof Error && error.name === 'TimeoutError') return 'took too long';
  return error instanceof Error ? error.message : String(error);
}
