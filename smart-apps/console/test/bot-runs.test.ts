/** A run as its Task tells it, and how the providers did in several. */
import { expect, test } from '@jest/globals';
import type { Extension, Task } from '@medplum/fhirtypes';
import { formatCosts, formatTook } from '../app/pure/amounts.ts';
import { botRunOf, costOf, identifiersOf } from '../app/pure/bot-run.ts';
import { providerHealth } from '../app/pure/provider-health.ts';

const asked = (
  provider: string,
  outcome: string,
  ms?: number,
  cost?: number,
  currency = 'USD',
): Extension => ({
  url: 'asked',
  extension: [
    { url: 'provider', valueString: provider },
    { url: 'outcome', valueCode: outcome },
    ...(ms === undefined ? [] : [{ url: 'duration', valueDuration: { value: ms, code: 'ms' } }]),
    ...(cost === undefined ? [] : [{ url: 'cost', valueMoney: { value: cost, currency } } as Extension]),
  ],
});

const taskOf = (at: string, ...stages: readonly (readonly [string, ...Extension[]])[]): Task => ({
  resourceType: 'Task',
  id: `run-${at}`,
  status: 'completed',
  intent: 'order',
  identifier: [
    { system: 'https://dr-assistant.example/fhir/NamingSystem/visit-scribe-task', value: 'Media/1' },
  ],
  lastModified: at,
  executionPeriod: { start: '2026-05-01T08:00:00.000Z', end: '2026-05-01T08:00:02.500Z' },
  extension: [
    { url: 'https://elsewhere.example/other', valueString: 'x' },
    ...stages.map(([stage, ...providers]) => ({
      url: 'https://dr-assistant.example/fhir/StructureDefinition/stage-run',
      extension: [{ url: 'stage', valueCode: stage }, ...providers],
    })),
  ],
});

test('A run has its bot, its time, its stages and what they cost.', () => {
  const run = botRunOf(
    taskOf(
      '2026-05-01T08:00:02Z',
      ['transcribe', asked('whisper', 'answered', 900)],
      ['draft', asked('cloud', 'timeout', 1_000, 0.25), asked('model', 'answered', 400, 0.000001)],
    ),
  );
  expect(run).toMatchObject({
    bot: 'visit-scribe',
    tookMs: 2_500,
    stages: [{ stage: 'transcribe' }, { stage: 'draft' }],
  });
  expect(run.stages[1]?.asked[0]).toEqual({ provider: 'cloud', outcome: 'timeout', ms: 1_000, cost: { amount: 0.25, currency: 'USD' } }); // prettier-ignore
  expect(costOf(run)).toEqual([{ amount: 0.250001, currency: 'USD' }]);
});

test.each<[string, Partial<Task>]>([
  ['has no stages and no period', { extension: [], executionPeriod: {} }],
  ['goes on', { status: 'in-progress' }],
  ['ends before it begins', { executionPeriod: { start: '2026-05-02', end: '2026-05-01' } }],
  ['is of nobody', { identifier: [] }],
])('A Task that %s is read all the same.', (_words, change) => {
  const run = botRunOf({ ...taskOf('2026-05-01T08:00:02Z'), ...change });
  expect(run.stages).toEqual([]);
  if (change.identifier === undefined) expect(run.tookMs).toBeUndefined();
});

test('What is no currency is no cost, so that nothing breaks by it.', () => {
  const run = botRunOf(
    taskOf('2026-05-01', ['draft', asked('a', 'answered', 1, 2, 'dollars'), { url: 'asked' }]),
  );
  expect([costOf(run), run.stages[0]?.asked[1]]).toEqual([[], { provider: '', outcome: '' }]);
});

test('Providers are told by stage: how often it was their turn, how many answers, how fast, the last fault, the cost.', () => {
  const runs = [
    botRunOf(taskOf('2026-05-03T08:00:00Z', ['draft', asked('cloud', 'answered', 300, 0.5)])),
    botRunOf(
      taskOf('2026-05-01T08:00:00Z', [
        'draft',
        asked('cloud', 'timeout', 9_000),
        asked('own', 'answered', 5),
      ]),
    ),
    botRunOf(
      taskOf(
        '2026-05-02T08:00:00Z',
        ['draft', asked('cloud', 'left-out'), asked('own', 'answered', 7)],
        ['code', asked('cloud', 'cached'), asked('never', 'refused')],
      ),
    ),
  ];
  expect(providerHealth(runs)).toEqual([
    { provider: 'cloud', stage: 'code', asked: 1, answered: 1, cost: [] },
    {
      provider: 'cloud',
      stage: 'draft',
      asked: 3,
      answered: 1,
      medianMs: 300,
      lastFailure: { outcome: 'left-out', at: '2026-05-02T08:00:00Z' },
      cost: [{ amount: 0.5, currency: 'USD' }],
    },
    { provider: 'own', stage: 'draft', asked: 2, answered: 2, medianMs: 6, cost: [] },
  ]);
  expect(providerHealth([])).toEqual([]);
});

test('The search for runs has a value for each bot and kind.', () => {
  expect(identifiersOf(['a', 'b'], ['task', 'tick']).split(',')).toHaveLength(4);
  expect(identifiersOf(['a'], ['tick'])).toBe('https://dr-assistant.example/fhir/NamingSystem/a-tick|');
});

test.each([
  [4.25, '4.3 ms'],
  [40.4, '40 ms'],
  [2_340, '2.3 sec'],
  [750_000, '12.5 min'],
])('%d ms reads %s.', (ms, text) => expect(formatTook(ms, 'en')).toBe(text));

test('Costs keep what is less than a cent.', () => {
  expect(formatCosts([{ amount: 0.0125, currency: 'USD' }, { amount: 2, currency: 'EUR' }], 'en')).toBe('$0.0125, €2.00'); // prettier-ignore
});
