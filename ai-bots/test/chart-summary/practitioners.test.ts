/** The names of a visit's practitioners and relatives do not go to somebody else's summariser. */
import { expect, test } from '@jest/globals';
import type { Encounter, Resource } from '@medplum/fhirtypes';
import bot from '../../bot/chart-summary/handler.ts';
import { summariseVisit, type Result } from '../../bot/chart-summary/summarise-visit.ts';
import { ofEncounter, type Visit } from '../../bot/chart-summary/visit.ts';
import type { SummariseInput, SummariseProvider } from '../../provider/stages.ts';
import { derivedId, type StageRun } from '../../sdk/index.ts';
import { createMemoryFhir } from '../../sdk/testing/memory-fhir.ts';
import { testPipeline } from '../support/pipeline.ts';

const practitioner = (id: string, family: string): Resource => ({
  resourceType: 'Practitioner',
  id,
  name: [{ family }],
});

const encounter: Encounter = {
  resourceType: 'Encounter',
  id: 'e',
  status: 'planned',
  class: { code: 'AMB' },
  subject: { reference: 'Patient/p' },
  reasonCode: [
    {
      text: 'Headaches, sent by Dr. Quennell, seen by Dr. Ostrander and Dr. Abernathy with his sister Zenobia',
    },
  ],
  appointment: [{ reference: 'Appointment/a' }],
  participant: [
    { individual: { reference: 'Practitioner/quennell' } },
    { individual: { reference: 'Practitioner/gone' } },
    { individual: { reference: 'PractitionerRole/consultant' } },
  ],
};

const stored: readonly Resource[] = [
  { resourceType: 'Patient', id: 'p' },
  practitioner('quennell', 'Quennell'),
  practitioner('ostrander', 'Ostrander'),
  practitioner('abernathy', 'Abernathy'),
  {
    resourceType: 'PractitionerRole',
    id: 'consultant',
    practitioner: { reference: 'Practitioner/abernathy' },
  },
  ...Array.from({ length: 60 }, (_, i): Resource => ({
    resourceType: 'RelatedPerson',
    id: `r${i}`,
    patient: { reference: 'Patient/p' },
    name: [{ given: [i === 59 ? 'Zenobia' : 'Mary'] }],
  })),
  {
    resourceType: 'Appointment',
    id: 'a',
    status: 'booked',
    participant: [{ actor: { reference: 'Practitioner/ostrander' }, status: 'accepted' }],
  },
];

/** What somebody else's provider was asked, and what came of the visit. */
async function summarise(
  scopes: readonly string[],
): Promise<{ asked: SummariseInput[]; result: Result; outcomes: string[] }> {
  const memory = createMemoryFhir(() => new Date('2026-06-10T06:00:00Z'));
  for (const resource of stored) memory.put(resource);
  const asked: SummariseInput[] = [];
  const runs: StageRun[] = [];
  const cloud: SummariseProvider = {
    name: 'Cloud',
    version: '1',
    party: 'third-party',
    refusal: () => undefined,
    run: (input) => {
      asked.push(input);
      return Promise.resolve({ output: { sections: [] } });
    },
  };
  const pipeline = testPipeline(
    { AI_SUMMARISE_PROVIDERS: 'cloud,embedded' },
    { summarise: new Map([['cloud', cloud]]) },
  );
  const work = {
    fhir: memory.api(scopes),
    pipeline,
    signal: new AbortController().signal,
    onRun: (run: StageRun) => void runs.push(run),
    now: () => new Date('2026-06-10T06:00:00Z'),
    id: (role: string, key: string) => derivedId('chart-summary', role, key),
  };
  const result = await summariseVisit(work, ofEncounter(encounter) as Visit);
  const outcomes = runs.flatMap((run) => run.asked.map(({ provider, outcome }) => `${provider} ${outcome}`));
  return { asked, result, outcomes };
}

const { scopes } = bot.open({});

test('Those of the Encounter and of its Appointment are taken out, and those of all relatives; one who is gone is no matter.', async () => {
  const { asked, result, outcomes } = await summarise(scopes);
  expect(result).toBe('written');
  expect(outcomes).toEqual(['cloud answered']);
  expect(asked).toHaveLength(1);
  expect(asked[0]?.reason).toContain('Headaches');
  expect(JSON.stringify(asked)).not.toMatch(/Quennell|Ostrander|Abernathy|Zenobia/);
});

test.each(['system/Practitioner.r', 'system/PractitionerRole.r', 'system/RelatedPerson.s'])(
  'Without the right %s nobody else is asked, and the summary is written here.',
  async (missing) => {
    const { asked, result, outcomes } = await summarise(scopes.filter((scope) => scope !== missing));
    expect(asked).toEqual([]);
    expect(outcomes).toEqual(['cloud identifiers', 'embedded answered']);
    expect(result).toBe('written');
  },
);
