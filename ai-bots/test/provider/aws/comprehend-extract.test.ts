/** Entities by Comprehend Medical: places in the transcript, traits, questions, limits, faults. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Transcript } from '../../../clinical/index.ts';
import { ProviderFault } from '../../../orchestrator/provider.ts';
import { comprehendExtractProvider } from '../../../provider/comprehend-medical/extract.ts';
import { awsError, useCredentials } from '../../support/fake-aws.ts';
import { deadUrl, type Behaviour } from '../../support/fake-http.ts';
import { fakeComprehend, type FakeComprehend, type Known } from '../../support/fake-comprehend-medical.ts';

const signal = new AbortController().signal;
let fake: FakeComprehend;
let restore: () => void;
beforeAll(async () => {
  fake = await fakeComprehend();
});
beforeEach(() => {
  restore?.();
  restore = useCredentials();
});
afterAll(async () => {
  restore();
  await fake.close();
});

const provider = (endpoint = fake.url) => comprehendExtractProvider({ region: 'us-east-1', endpoint });
const condition = (phrase: string, ...traits: readonly string[]): Known => ({
  phrase,
  entity: {
    Category: 'MEDICAL_CONDITION',
    Type: 'DX_NAME',
    Traits: traits.map((Name) => ({ Name, Score: 0.9 })),
  },
});
const drug = (phrase: string, more: object = {}): Known => ({
  phrase,
  entity: { Category: 'MEDICATION', Type: 'GENERIC_NAME', ...more },
});

async function extract(segments: Transcript['segments'], ...known: readonly Known[]) {
  fake.knows('DetectEntitiesV2', known);
  const { output } = await provider().run({ transcript: { segments } }, signal);
  return output;
}

test('Offsets count code points: emoji and accents before an entity do not move it to another segment.', async () => {
  const segments = [
    { id: 'c1', role: 'patient', text: '😀😀😀 Señora 👩‍⚕️ good morning' },
    { id: 'c2', role: 'patient', text: 'I have a headache' },
    { id: 'c3', role: 'clinician', text: 'It is migraine.' },
  ] as const;
  const output = await extract(
    segments,
    condition('headache', 'SYMPTOM'),
    condition('migraine', 'DIAGNOSIS'),
  );
  expect(output).toEqual([
    {
      text: 'headache',
      category: 'MEDICAL_CONDITION',
      type: 'DX_NAME',
      traits: [{ name: 'SYMPTOM' }],
      attributes: [],
      concepts: [],
      source: ['c2'],
      saidByClinician: false,
    },
    {
      text: 'migraine',
      category: 'MEDICAL_CONDITION',
      type: 'DX_NAME',
      traits: [{ name: 'DIAGNOSIS' }],
      attributes: [],
      concepts: [],
      source: ['c3'],
      saidByClinician: true,
    },
  ]);
});

test('A long visit goes out in chunks below the limit of bytes, cut between segments, and all characters are counted.', async () => {
  const filler = 'é'.repeat(90);
  const segments = Array.from({ length: 300 }, (_, i) => ({
    id: `c${i + 1}`,
    text: `${filler} ${i === 299 ? 'a rash' : 'word'}`,
  }));
  fake.knows('DetectEntitiesV2', [condition('rash', 'SYMPTOM')]);
  const before = fake.texts('DetectEntitiesV2').length;
  const { output, usage } = await provider().run({ transcript: { segments } }, signal);
  const texts = fake.texts('DetectEntitiesV2').slice(before);
  expect(texts).toHaveLength(3);
  expect(texts.every((t) => Buffer.byteLength(t) <= 20_000)).toBe(true);
  expect(texts.join('\n')).toBe(segments.map((s) => s.text).join('\n'));
  expect(output.map((e) => e.source)).toEqual([['c300']]);
  expect(usage).toEqual({ characters: texts.reduce((sum, t) => sum + [...t].length, 0) });
});

test('A segment that alone is too long is cut between words and keeps its id.', async () => {
  const segments = [{ id: 'c1', text: `${'word '.repeat(5_000)}and a rash` }];
  const output = await extract(segments, condition('rash'));
  expect(output.map((e) => e.source)).toEqual([['c1']]);
});

test('Attributes come along, a doubtful relation does not; units have one name.', async () => {
  const metformin = drug('metformin', {
    Attributes: [
      { Type: 'DOSAGE', Text: '500 mg', Score: 0.9, RelationshipScore: 0.9 },
      { Type: 'FREQUENCY', Text: 'daily', Score: 0.9, RelationshipScore: 0.2 },
      { Type: 'TEST_UNITS', Text: 'mg', Score: 0.9 },
    ],
  });
  const [entity] = await extract([{ id: 'c1', text: 'I take metformin 500 mg.' }], metformin);
  expect(entity?.attributes).toEqual([
    { type: 'DOSAGE', text: '500 mg' },
    { type: 'TEST_UNIT', text: 'mg' },
  ]);
});

describe('What is asserted', () => {
  const traitsOf = async (known: Known): Promise<readonly string[]> => {
    const [entity] = await extract([{ id: 'c1', text: `It is asthma.` }], known);
    return (entity?.traits ?? []).map((t) => t.name);
  };
  const asthma = (Traits: readonly object[], more: object = {}): Known => ({
    phrase: 'asthma',
    entity: { Category: 'MEDICAL_CONDITION', Type: 'DX_NAME', Traits, ...more },
  });

  test.each([
    ['a negation counts however unsure', asthma([{ Name: 'NEGATION', Score: 0.1 }]), ['NEGATION']],
    ['an unsure diagnosis does not count', asthma([{ Name: 'DIAGNOSIS', Score: 0.3 }]), []],
    ['what is planned is hypothetical', asthma([{ Name: 'FUTURE', Score: 0.9 }]), ['HYPOTHETICAL']],
    [
      'a trait that is not known makes it doubtful',
      asthma([{ Name: 'BRAND_NEW', Score: 0.9 }]),
      ['LOW_CONFIDENCE'],
    ],
    ['a low score makes it doubtful', asthma([], { Score: 0.3 }), ['LOW_CONFIDENCE']],
  ])('Of traits: %s.', async (_what, known, expected) => {
    expect(await traitsOf(known)).toEqual(expected);
  });

  test('A question says nothing without its answer, and what its answer says with it.', async () => {
    const ask = async (reply: string) => {
      const segments = [
        { id: 'c1', role: 'clinician', text: 'All right. Do you have a fever?' },
        { id: 'c2', role: 'patient', text: reply },
      ] as const;
      return (await extract(segments, condition('fever', 'SYMPTOM'))).map((e) => [
        e.traits.map((t) => t.name),
        e.source,
        e.saidByClinician,
      ]);
    };
    expect(await ask('Yes, since Monday.')).toEqual([[['SYMPTOM'], ['c1', 'c2'], false]]);
    expect(await ask('No.')).toEqual([[['SYMPTOM', 'NEGATION'], ['c1', 'c2'], false]]);
    expect(await ask('My dog is here.')).toEqual([]);
  });

  test('A drug that somebody is allergic to is a condition, not a medication.', async () => {
    const [entity] = await extract([{ id: 'c1', text: 'I am allergic to penicillin.' }], drug('penicillin'));
    expect(entity).toMatchObject({
      text: 'allergy to penicillin',
      category: 'MEDICAL_CONDITION',
      traits: [{ name: 'DIAGNOSIS' }],
    });
  });

  test('Names and places that the service finds are left out.', async () => {
    const name: Known = {
      phrase: 'Maria',
      entity: { Category: 'PROTECTED_HEALTH_INFORMATION', Type: 'NAME' },
    };
    expect(await extract([{ id: 'c1', text: 'I am Maria.' }], name)).toEqual([]);
  });
});

describe('Faults', () => {
  const input = { transcript: { segments: [{ id: 'c1', text: 'My chest hurts.' }] } };
  const faultOf = async (work: Promise<unknown>): Promise<ProviderFault> => {
    const fault = await work.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(fault).toBeInstanceOf(ProviderFault);
    expect(JSON.stringify(fault) + (fault as Error).stack + String((fault as Error).cause)).not.toContain(
      'chest',
    );
    return fault as ProviderFault;
  };

  test.each<[string, Behaviour, object]>([
    [
      'TooManyRequestsException',
      awsError(400, 'TooManyRequestsException', 'chest', { 'retry-after': '4' }),
      { kind: 'throttled', retryAfterMs: 4_000 },
    ],
    ['ThrottlingException', awsError(400, 'ThrottlingException', 'chest'), { kind: 'throttled' }],
    [
      'TextSizeLimitExceededException',
      awsError(400, 'TextSizeLimitExceededException', 'chest'),
      { kind: 'rejected' },
    ],
    ['ValidationException', awsError(400, 'ValidationException', 'chest'), { kind: 'rejected' }],
    ['InvalidRequestException', awsError(400, 'InvalidRequestException', 'chest'), { kind: 'rejected' }],
    ['AccessDeniedException', awsError(400, 'AccessDeniedException', 'chest'), { kind: 'misconfigured' }],
    ['ExpiredTokenException', awsError(400, 'ExpiredTokenException'), { kind: 'misconfigured' }],
    ['ServiceUnavailableException', awsError(503, 'ServiceUnavailableException'), { kind: 'unavailable' }],
    ['InternalServerException', awsError(500, 'InternalServerException'), { kind: 'unavailable' }],
    [
      'a page of a proxy',
      { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>chest' },
      { kind: 'unusable' },
    ],
    ['an answer in another form', { status: 200, body: {} }, { kind: 'unusable' }],
    ['a reset', 'reset', { kind: 'unavailable' }],
    ['a torn answer', 'torn', { kind: 'unavailable' }],
  ])('One attempt that meets %s ends in a fault of its kind.', async (_what, behaviour, expected) => {
    const before = fake.asked.length;
    fake.next(behaviour);
    expect(await faultOf(provider().run(input, signal))).toMatchObject(expected);
    expect(fake.asked.length - before).toBe(1);
  });

  test('A wrong key is misconfigured, and a port on which nothing listens unavailable.', async () => {
    expect((await faultOf(provider(await deadUrl()).run(input, signal))).kind).toBe('unavailable');
    const back = useCredentials('AKIAWRONG');
    const fault = await faultOf(provider().run(input, signal));
    back();
    expect(fault.kind).toBe('misconfigured');
    expect(fault.message).toContain('UnrecognizedClientException');
    expect(fault.message).toContain('fake-request-2');
  });

  test('A service that does not answer is left when the signal aborts.', async () => {
    fake.next('silent');
    await expect(provider().run(input, AbortSignal.timeout(100))).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });

  test('What was billed before a later chunk failed is told.', async () => {
    const segments = [
      { id: 'c1', text: 'a'.repeat(15_000) },
      { id: 'c2', text: 'b'.repeat(15_000) },
    ];
    fake.knows('DetectEntitiesV2', []);
    fake.next('usual');
    fake.next(awsError(400, 'ThrottlingException'));
    const work = provider().run({ transcript: { segments } }, signal);
    expect(await faultOf(work)).toMatchObject({ kind: 'throttled', usage: { characters: 15_000 } });
  });
});
