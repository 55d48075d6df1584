/** The order of providers, their refusals, failures and time limits. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createStage, NoProviderError, type Provider } from '../../orchestrator/index.ts';

const provider = (name: string, part: Partial<Provider<string, string>>): Provider<string, string> => ({
  name,
  version: '1',
  party: 'here',
  refusal: () => undefined,
  run: (input) => Promise.resolve({ output: `${name} heard ${input}` }),
  ...part,
});

const signal = new AbortController().signal;
const options = { timeoutMs: 100 };

test('The first provider that takes the input answers, and the answer names it.', async () => {
  const stage = createStage('hear', [provider('a', {}), provider('b', {})], options);
  const answer = await stage.run('x', signal);
  expect(answer).toEqual({ provider: { name: 'a', version: '1' }, output: 'a heard x', passedOver: [] });
});

test('Providers that refuse or fail are passed over with their reason.', async () => {
  const stage = createStage(
    'hear',
    [
      provider('a', { refusal: () => 'no model' }),
      provider('b', { run: () => Promise.reject(new Error('broken')) }),
      provider('c', { remark: 'demo quality' }),
    ],
    options,
  );
  const answer = await stage.run('x', signal);
  expect(answer.provider).toEqual({ name: 'c', version: '1', remark: 'demo quality' });
  expect(answer.passedOver).toEqual([
    { provider: 'a', reason: 'no model' },
    { provider: 'b', reason: 'broken' },
  ]);
});

test('A provider that takes too long is stopped and passed over.', async () => {
  const slow = provider('slow', {
    run: (_input, limit) => sleep(5_000, { output: 'late' }, { signal: limit }),
  });
  const stage = createStage('hear', [slow, provider('b', {})], { timeoutMs: 30 });
  const answer = await stage.run('x', signal);
  expect(answer.provider.name).toBe('b');
  expect(answer.passedOver).toHaveLength(1);
});

test('Without any answer the error says why each provider gave none.', async () => {
  const stage = createStage('hear', [provider('a', { refusal: () => 'no model' })], options);
  const failure = await stage.run('x', signal).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(NoProviderError);
  expect(failure).toMatchObject({ message: 'no provider could hear: a: no model' });
});

test('A provider that failed three times in a row is left out without being asked.', async () => {
  let asked = 0;
  const run = (): Promise<never> => {
    asked += 1;
    return Promise.reject(new Error('broken'));
  };
  const stage = createStage('hear', [provider('a', { run }), provider('b', {})], options);
  for (let i = 0; i < 5; i += 1) await stage.run('x', signal);
  expect(asked).toBe(3);
});
