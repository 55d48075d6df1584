/** The order of providers, and what each kind of fault leads to: another attempt, the next provider, a rest. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { ProviderFault, type FaultKind } from '../../orchestrator/provider.ts';
import type { StageRun } from '../../orchestrator/stage-run.ts';
import { createStage, type Stage, type StageParts } from '../../orchestrator/stage.ts';
import { always, call, candidate, deaf, failing, quickLimits, slow } from '../support/bad-provider.ts';

const parts: StageParts<string, string> = { limits: quickLimits };
const limited = (limits: Partial<typeof quickLimits>): StageParts<string, string> => ({
  limits: { ...quickLimits, ...limits },
});
const fault =
  (kind: FaultKind, retryAfterMs?: number): (() => ProviderFault) =>
  () =>
    new ProviderFault(kind, `is ${kind}`, retryAfterMs === undefined ? {} : { retryAfterMs });

describe('A stage', () => {
  test('has the first provider answer that takes the input, and names it.', async () => {
    const stage = createStage('hear', [candidate('a', { model: 'm' }), candidate('b')], parts);
    expect(await stage.run('x', call)).toEqual({
      provider: { name: 'a', version: '1', model: 'm', party: 'third-party' },
      output: 'a heard x',
      passedOver: [],
      isCached: false,
    });
  });

  test('passes over who refuses or fails, with the reason.', async () => {
    const candidates = [
      candidate('a', { refusal: () => 'no model' }),
      candidate('b', failing(...always(fault('rejected')))),
      candidate('c', { remark: 'demo quality' }),
    ];
    const answer = await createStage('hear', candidates, parts).run('x', call);
    expect(answer.provider).toMatchObject({ name: 'c', remark: 'demo quality' });
    expect(answer.passedOver).toEqual([
      { provider: 'a', reason: 'no model', kind: 'refused' },
      { provider: 'b', reason: 'is rejected', kind: 'rejected' },
    ]);
  });

  test('without any answer says why each gave none.', async () => {
    const stage = createStage('hear', [candidate('a', { refusal: () => 'no model' })], parts);
    await expect(stage.run('x', call)).rejects.toMatchObject({
      name: 'NoProviderError',
      message: 'no provider could hear: a: no model',
    });
  });

  test('shows no text of a programming fault, which may quote the input.', async () => {
    const run = (): never => JSON.parse('Jane Doe has a cough') as never;
    const answer = await createStage('hear', [candidate('a', { run }), candidate('b')], parts).run('x', call);
    expect(answer.passedOver).toEqual([{ provider: 'a', reason: 'an unexpected fault', kind: 'failed' }]);
  });

  test.each([
    ['stops when told to', slow],
    ['does not heed the signal', deaf],
  ])('goes on after the time limit of a provider that %s.', async (_words, run) => {
    const stage = createStage('hear', [candidate('a', { run }), candidate('b')], limited({ timeoutMs: 30 }));
    const started = performance.now();
    const answer = await stage.run('x', call);
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(answer.provider.name).toBe('b');
    expect(answer.passedOver).toEqual([{ provider: 'a', reason: 'took too long', kind: 'timeout' }]);
  });

  test('ends at once when its caller aborts, also while it waits for another attempt.', async () => {
    const controller = new AbortController();
    const provider = failing(...always(fault('throttled', 40_000)));
    const stage = createStage('hear', [candidate('a', provider), candidate('b', { run: deaf })], {
      limits: { ...quickLimits, retryDelayMaxMs: 60_000, timeoutMs: 60_000 },
    });
    const running = stage.run('x', { signal: controller.signal });
    await sleep(20);
    controller.abort(new Error('the bots are stopping'));
    await expect(running).rejects.toThrow('the bots are stopping');
    expect(provider.asked()).toBe(1);
  });
});

describe('Another attempt at the same provider', () => {
  test.each([
    ['throttled', 3],
    ['unavailable', 3],
    ['unusable', 2],
    ['rejected', 1],
    ['misconfigured', 1],
  ] as const)('after %s makes %i in all.', async (kind, attempts) => {
    const provider = failing(...always(fault(kind)));
    const stage = createStage('hear', [candidate('a', provider), candidate('b')], parts);
    expect((await stage.run('x', call)).provider.name).toBe('b');
    expect(provider.asked()).toBe(attempts);
  });

  test('is made after an error without a kind, but not at one that runs here.', async () => {
    const error = (): Error => new Error('broken');
    const [there, here] = [failing(...always(error)), failing(...always(error))];
    const candidates = [candidate('a', there), candidate('b', { ...here, party: 'here' }), candidate('c')];
    await createStage('hear', candidates, parts).run('x', call);
    expect([there.asked(), here.asked()]).toEqual([3, 1]);
  });

  test('comes no sooner than the provider asked for, and may succeed.', async () => {
    const provider = failing(fault('throttled', 45));
    const stage = createStage('hear', [candidate('a', provider)], parts);
    const started = performance.now();
    expect((await stage.run('x', call)).output).toBe('answer 2');
    expect(performance.now() - started).toBeGreaterThanOrEqual(44);
  });

  test('is not waited for when the provider asks for too long; it is left alone until then.', async () => {
    const provider = failing(fault('throttled', 120));
    const stage = createStage('hear', [candidate('a', provider), candidate('b')], parts);
    const names = async (): Promise<string> => (await stage.run('x', call)).provider.name;
    expect([await names(), await names()]).toEqual(['b', 'b']);
    expect(provider.asked()).toBe(1);
    await sleep(130);
    expect(await names()).toBe('a');
  });
});

describe('A provider in trouble', () => {
  test('is left out after failures in a row, tried again after its rest, and then asked as before.', async () => {
    const provider = failing(...Array.from({ length: 3 }, () => fault('unavailable')));
    const stage = createStage(
      'hear',
      [candidate('a', provider), candidate('b')],
      limited({ retries: 0, failuresUntilOpen: 3, restMs: 60 }),
    );
    for (let i = 0; i < 5; i += 1) expect((await stage.run('x', call)).provider.name).toBe('b');
    expect(provider.asked()).toBe(3);
    expect(stage.health()[0]).toMatchObject({ state: 'open', lastFailure: { kind: 'unavailable' } });
    await sleep(70);
    expect((await stage.run('x', call)).provider.name).toBe('a');
    expect(stage.health()[0]).toMatchObject({ provider: 'a', state: 'closed', running: 0 });
  });

  test('is left out at once when it is misconfigured, and its health tells operators why.', async () => {
    const provider = failing(...always(() => new ProviderFault('misconfigured', 'the key is not accepted')));
    const stage = createStage('hear', [candidate('a', provider), candidate('b')], parts);
    const first = await stage.run('x', call);
    const second = await stage.run('x', call);
    expect(first.passedOver[0]).toMatchObject({ kind: 'misconfigured', reason: 'the key is not accepted' });
    expect(second.passedOver[0]).toMatchObject({ kind: 'left-out' });
    expect(provider.asked()).toBe(1);
    expect(stage.health()[0]).toMatchObject({ state: 'open', attention: 'the key is not accepted' });
  });

  test('is not blamed for inputs that it cannot take, nor for callers that abort.', async () => {
    const provider = failing(...always(fault('rejected')));
    const stage = createStage(
      'hear',
      [candidate('a', provider), candidate('b')],
      limited({ failuresUntilOpen: 2 }),
    );
    for (let i = 0; i < 5; i += 1) await stage.run('x', call);
    expect(provider.asked()).toBe(5);
    const waiting = createStage(
      'hear',
      [candidate('a', { run: slow })],
      limited({ failuresUntilOpen: 1, timeoutMs: 60_000 }),
    );
    await expect(waiting.run('x', { signal: AbortSignal.timeout(10) })).rejects.toThrow();
    expect([...stage.health(), ...waiting.health()].map((h) => h.state)).toEqual([
      'closed',
      'closed',
      'closed',
    ]);
  });
});

test('No more calls than allowed run at once at a provider, one at what runs here; the others wait.', async () => {
  let [running, most] = [0, 0];
  const run = async (): Promise<{ output: string }> => {
    running += 1;
    most = Math.max(most, running);
    await sleep(5);
    running -= 1;
    return { output: 'done' };
  };
  const times = <T>(work: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: 12 }, work));
  const there = createStage('hear', [candidate('a', { run })], limited({ concurrency: 3 }));
  await times(() => there.run('x', call));
  expect(most).toBe(3);
  most = 0;
  const here = createStage('hear', [candidate('a', { run, party: 'here' })], limited({ concurrency: 3 }));
  const answers = await times(() => here.run('x', call));
  expect([most, answers.length]).toEqual([1, 12]);
  const narrow = createStage('hear', [candidate('a', { run })], limited({ concurrency: 1, queueMax: 1 }));
  const ends = await Promise.allSettled(Array.from({ length: 12 }, () => narrow.run('x', call)));
  const refused = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
  expect(refused).toHaveLength(10);
  expect(refused[0]).toMatchObject({ passedOver: [{ kind: 'busy' }] });
});

describe('What became of a question', () => {
  const runsOf = async (stage: Stage<string, string>, signal = call.signal): Promise<StageRun[]> => {
    const runs: StageRun[] = [];
    await stage.run('x', { signal, onRun: (run) => void runs.push(run) }).catch(() => undefined);
    return runs;
  };

  test('is told once, with the time of each who was asked, and without what was said.', async () => {
    const candidates = [
      candidate('a', { refusal: () => 'no model' }),
      candidate('b', failing(...always(fault('unavailable')))),
      candidate('c'),
    ];
    const runs = await runsOf(createStage('hear', candidates, parts));
    expect(runs).toEqual([
      {
        stage: 'hear',
        asked: [
          { provider: 'a', outcome: 'refused' },
          { provider: 'b', outcome: 'unavailable', durationMs: expect.any(Number) as unknown },
          { provider: 'c', outcome: 'answered', durationMs: expect.any(Number) as unknown },
        ],
      },
    ]);
    expect(JSON.stringify(runs)).not.toMatch(/no model|is unavailable|heard/);
  });

  test('is told where nobody answers, and not where the caller ends it.', async () => {
    const [run] = await runsOf(
      createStage('hear', [candidate('a', failing(...always(fault('rejected'))))], parts),
    );
    expect(run?.asked.map(({ outcome }) => outcome)).toEqual(['rejected']);
    const controller = new AbortController();
    const ending = runsOf(createStage('hear', [candidate('a', { run: slow })], parts), controller.signal);
    controller.abort();
    expect(await ending).toEqual([]);
  });

  test('is of this question alone, however many are asked at once.', async () => {
    const stage = createStage('hear', [candidate('a')], parts);
    const all = await Promise.all(Array.from({ length: 5 }, () => runsOf(stage)));
    expect(all.map((runs) => runs.map(({ asked }) => asked.length))).toEqual(
      Array.from({ length: 5 }, () => [1]),
    );
  });
});
