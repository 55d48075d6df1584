/** The harness notices what a bot must not do. */
import { describe, expect, test } from '@jest/globals';
import type { Basic, Resource } from '@medplum/fhirtypes';
import { BotFault, defineBot, PermanentFault, type BotDefinition } from '../../sdk/index.ts';
import { createHarness } from '../../sdk/test-harness.ts';

const encounter = {
  resourceType: 'Encounter',
  id: 'e',
  status: 'planned',
  class: { code: 'AMB' },
  subject: { reference: 'Patient/p' },
} as const;

const basic: Basic = { resourceType: 'Basic', code: { text: 'greeting' } };

const define = (change: Partial<BotDefinition<undefined>>) =>
  defineBot({
    name: 'greeter',
    description: 'Greet',
    triggers: [{ criteria: 'Encounter?status=planned' }],
    scopes: ['system/Encounter.rs', 'system/Basic.cru', 'system/Task.crus', 'system/Subscription.crus'],
    reads: ['Encounter'],
    writes: ['Basic'],
    handle: () => Promise.resolve(),
    ...change,
  });

describe('A handler', () => {
  test('that writes under ids that follow from the event passes, and what it wrote is told.', async () => {
    const bot = define({
      async handle(_event, { writeOnce }) {
        await writeOnce({ greeting: basic, reply: basic });
      },
    });
    const { outcome, written } = await createHarness(bot).deliver(encounter);
    expect(outcome).toBe('done');
    expect(written).toHaveLength(2);
  });

  test('that writes something else on each run is caught.', async () => {
    const bot = define({
      async handle(_event, { fhir }) {
        await fhir.update({ ...basic, id: `b${Math.random()}` });
      },
    });
    await expect(createHarness(bot).deliver(encounter)).rejects.toThrow(/wrote again: PUT Basic\/b0/);
  });

  test.each([
    ['reads', 'r of Patient', async (fhir: Fhir) => void (await fhir.read('Patient', 'p'))],
    ['searches', 's of Basic', async (fhir: Fhir) => void (await fhir.search('Basic', { code: 'x' }))],
    [
      'writes',
      'u of Flag',
      async (fhir: Fhir) => void (await fhir.update({ resourceType: 'Flag', id: 'f' } as never)),
    ],
  ])(
    'that %s what its scopes do not allow is caught, even if it swallows the refusal.',
    async (_case, words, act) => {
      const bot = define({ handle: (_event, { fhir }) => act(fhir).catch(() => undefined) });
      await expect(createHarness(bot).deliver(encounter)).rejects.toThrow(words);
    },
  );

  test('with a fault of its own is shown it, and not a failed Task.', async () => {
    const bot = define({ handle: () => Promise.reject(new RangeError('off by one')) });
    await expect(createHarness(bot).deliver(encounter)).rejects.toThrow(/off by one/);
  });

  test('that gives up leaves a Task that says why, once.', async () => {
    const bot = define({ handle: () => Promise.reject(new PermanentFault('The visit has no patient.')) });
    const harness = createHarness(bot);
    expect((await harness.deliver(encounter)).outcome).toBe('failed');
    expect(harness.stored('Task')).toMatchObject([
      {
        status: 'failed',
        statusReason: { text: 'The visit has no patient.' },
        for: { reference: 'Patient/p' },
      },
    ]);
  });

  test('that shows its steps ends with a Task that is completed.', async () => {
    const bot = define({
      async handle(_event, { step }) {
        await step('Thinking');
        await step('Writing');
      },
    });
    const harness = createHarness(bot);
    await harness.deliver(encounter);
    expect(harness.stored('Task')).toMatchObject([{ status: 'completed', businessStatus: { text: 'Done' } }]);
    expect(harness.stored('Task')[0]?.meta?.versionId).toBe('3');
  });

  test('that searches with an end is given so many matches, over all pages, and what comes with them.', async () => {
    const found: (string | undefined)[] = [];
    const bot = define({
      scopes: ['system/*.cruds'],
      async handle(_event, { fhir }) {
        const params = { _sort: 'date', _count: '1', _include: 'Appointment:patient' };
        found.push(...(await fhir.findAll('Appointment', params, 2)).map((r) => r.id));
      },
    });
    const resources = [1, 2, 3].flatMap((n): Resource[] => [
      { resourceType: 'Patient', id: `p${n}` },
      {
        resourceType: 'Appointment',
        id: `a${n}`,
        status: 'booked',
        start: `2026-06-0${n}T09:00:00Z`,
        participant: [{ actor: { reference: `Patient/p${n}` }, status: 'accepted' }],
      },
    ]);
    await createHarness(bot, { resources }).deliver(encounter);
    // Once for each of the two runs.
    expect(found).toEqual(['a1', 'a2', 'p1', 'p2', 'a1', 'a2', 'p1', 'p2']);
  });

  test('that searches in a way that the memory does not know is told so.', async () => {
    const bot = define({
      handle: async (_event, { fhir }) => void (await fhir.search('Encounter', { 'location.name': 'x' })),
    });
    await expect(createHarness(bot).deliver(encounter)).rejects.toThrow(/test this against a server/);
  });
});

type Fhir = Parameters<BotDefinition<undefined>['handle']>[1]['fhir'];

describe('A definition is refused', () => {
  test.each<[string, Partial<BotDefinition<undefined>>, RegExp]>([
    ['without a scope for what it reads', { reads: ['Patient'] }, /no scope lets it read Patient/],
    ['without a scope for what it writes', { writes: ['Flag'] }, /no scope lets it write Flag/],
    ['with scopes of another form', { scopes: ['system/Patient.read'] }, /is not a system scope of SMART v2/],
    ['with a name that is no client id', { name: 'My Bot' }, /its name/],
  ])('%s.', (_case, change, words) => {
    expect(() => define(change)).toThrow(words);
  });

  test.each<[string, Partial<BotDefinition<undefined>>, RegExp]>([
    ['that nothing wakes', { triggers: [] }, /nothing wakes it/],
    ['with a timetable that is none', { triggers: [{ cron: '61 * * * *' }] }, /is no timetable/],
    [
      'woken by what it may not read',
      { triggers: [{ criteria: 'Patient?active=true' }] },
      /needs system\/Patient\.r/,
    ],
  ])('%s when it is opened.', (_case, change, words) => {
    const bot = define(change);
    expect(() => bot.open({})).toThrow(BotFault);
    expect(() => bot.open({})).toThrow(words);
  });
});
