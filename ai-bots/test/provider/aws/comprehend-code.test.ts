/** Codes by Comprehend Medical: only what it is certain of, and nothing in the place of what is coded already. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ClinicalEntity } from '../../../clinical/index.ts';
import { comprehendCodeProvider } from '../../../provider/comprehend-medical/code.ts';
import { awsError, useCredentials } from '../../support/fake-aws.ts';
import { entity } from '../../support/entity.ts';
import { fakeComprehend, type FakeComprehend } from '../../support/fake-comprehend-medical.ts';

const signal = new AbortController().signal;
let fake: FakeComprehend;
let restore: () => void;
beforeAll(async () => {
  restore = useCredentials();
  fake = await fakeComprehend();
});
afterAll(async () => {
  restore();
  await fake.close();
});

const provider = (snomed = false) =>
  comprehendCodeProvider({ region: 'us-east-1', endpoint: fake.url }, { scoreMin: 0.8, gapMin: 0.2, snomed });
const icd = (phrase: string, ...scores: readonly number[]) => ({
  phrase,
  entity: {
    Category: 'MEDICAL_CONDITION',
    Type: 'DX_NAME',
    ICD10CMConcepts: scores.map((Score, i) => ({
      Code: `${phrase[0]?.toUpperCase()}${i}`,
      Description: `${phrase} ${i}`,
      Score,
    })),
  },
});
const codesOf = (entities: readonly ClinicalEntity[]) => entities.map((e) => e.concepts.map((c) => c.code));

test('The first concept is taken when its score is high and the second is far behind.', async () => {
  fake.knows('InferICD10CM', [
    icd('asthma', 0.3, 0.95),
    icd('gout', 0.9, 0.75),
    icd('migraine', 0.79),
    icd('café', 0.99),
  ]);
  const { output, usage } = await provider().run(
    { entities: ['asthma', 'gout', 'migraine', 'café', 'other'].map((t) => entity(t)) },
    signal,
  );
  expect(codesOf(output)).toEqual([['A1'], [], [], ['C0'], []]);
  expect(output[0]?.concepts).toEqual([
    { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'A1', display: 'asthma 1' },
  ]);
  expect(usage).toEqual({ characters: 'asthma.\ngout.\nmigraine.\ncafé.\nother.'.length });
});

test('A part of a term is no match, nor are two things in one term.', async () => {
  fake.knows('InferICD10CM', [icd('asthma', 0.99), icd('allergy', 0.99), icd('fatigue', 0.99)]);
  const { output } = await provider().run(
    { entities: [entity('allergy to cats'), entity('asthma fatigue'), entity('mild asthma')] },
    signal,
  );
  expect(codesOf(output)).toEqual([[], [], []]);
});

test('Denied, supposed and coded entities are not sent, a term that is said twice once, and all keep their order.', async () => {
  fake.knows('InferICD10CM', [icd('Asthma', 0.99)]);
  const concepts = [{ system: 's', code: 'own', display: 'd' }];
  const entities = [
    entity('fever', { traits: [{ name: 'NEGATION' }] }),
    entity('stroke', { traits: [{ name: 'HYPOTHETICAL' }] }),
    entity('gout', { concepts }),
    entity('asthma'),
    entity('Asthma'),
  ];
  const { output } = await provider().run({ entities }, signal);
  expect(fake.texts('InferICD10CM').at(-1)).toBe('Asthma.');
  expect(output.map((e) => e.text)).toEqual(['fever', 'stroke', 'gout', 'asthma', 'Asthma']);
  expect(codesOf(output)).toEqual([[], [], ['own'], ['A0'], ['A0']]);
});

test('Medications get RxNorm, and conditions SNOMED CT beside ICD-10-CM where that is asked for.', async () => {
  fake.knows('InferICD10CM', [icd('asthma', 0.99)]);
  fake.knows('InferRxNorm', [
    {
      phrase: 'albuterol',
      entity: {
        Category: 'MEDICATION',
        Type: 'GENERIC_NAME',
        RxNormConcepts: [{ Code: '435', Description: 'albuterol', Score: 0.98 }],
      },
    },
  ]);
  fake.knows('InferSNOMEDCT', [
    {
      phrase: 'asthma',
      entity: {
        Category: 'MEDICAL_CONDITION',
        Type: 'DX_NAME',
        SNOMEDCTConcepts: [{ Code: '195967001', Description: 'Asthma (disorder)', Score: 0.97 }],
      },
    },
  ]);
  const entities = [entity('asthma'), entity('albuterol', { category: 'MEDICATION', type: 'GENERIC_NAME' })];
  expect(codesOf((await provider().run({ entities }, signal)).output)).toEqual([['A0'], ['435']]);
  expect(codesOf((await provider(true).run({ entities }, signal)).output)).toEqual([
    ['A0', '195967001'],
    ['435'],
  ]);
});

test('Nothing to code costs nothing.', async () => {
  const before = fake.asked.length;
  expect(await provider().run({ entities: [] }, signal)).toEqual({ output: [], usage: { characters: 0 } });
  expect(fake.asked.length).toBe(before);
});

test('Faults are those of the service.', async () => {
  fake.next(awsError(400, 'TooManyRequestsException', 'asthma'));
  await expect(provider().run({ entities: [entity('asthma')] }, signal)).rejects.toMatchObject({
    kind: 'throttled',
    usage: { characters: 0 },
  });
  fake.next('silent');
  const cut = provider().run({ entities: [entity('asthma')] }, AbortSignal.timeout(50));
  await expect(cut).rejects.toMatchObject({ name: 'TimeoutError' });
});
