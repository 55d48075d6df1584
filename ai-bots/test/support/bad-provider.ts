/** Providers for tests that behave well or badly for real: slow, throwing, hanging despite the signal. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Limits } from '../../orchestrator/guard.ts';
import type { Answered, Provider } from '../../orchestrator/provider.ts';
import type { Call, Candidate } from '../../orchestrator/stage.ts';

export type TextProvider = Provider<string, string>;

export const call: Call = { signal: new AbortController().signal };

export const quickLimits: Limits = {
  timeoutMs: 200,
  concurrency: 4,
  queueMax: 100,
  retries: 2,
  retryDelayMs: 1,
  retryDelayMaxMs: 50,
  failuresUntilOpen: 5,
  restMs: 100,
};

/** Answers with its name and the input, unless `part` says otherwise. */
export function candidate(key: string, part: Partial<TextProvider> = {}): Candidate<string, string> {
  const provider: TextProvider = {
    name: key,
    version: '1',
    party: 'third-party',
    refusal: () => undefined,
    run: (input) => Promise.resolve({ output: `${key} heard ${input}` }),
    ...part,
  };
  return { key, provider };
}

/** Fails with these one after the other, then answers; `asked` counts. */
export function failing(...faults: readonly (() => Error)[]): {
  run: TextProvider['run'];
  asked: () => number;
} {
  let asked = 0;
  return {
    run: (): Promise<Answered<string>> => {
      const fault = faults[asked];
      asked += 1;
      return fault === undefined ? Promise.resolve({ output: `answer ${asked}` }) : Promise.reject(fault());
    },
    asked: () => asked,
  };
}

export const always = (fault: () => Error): (() => Error)[] => Array.from({ length: 1_000 }, () => fault);

/** Stops when it is told to. */
export const slow: TextProvider['run'] = async (_input, signal) => {
  await sleep(60_000, undefined, { signal });
  return { output: 'late' };
};

/** Goes on whatever the signal says. */
export const deaf: TextProvider['run'] = async () => {
  await sleep(60_000, undefined, { ref: false });
  return { output: 'late' };
};
