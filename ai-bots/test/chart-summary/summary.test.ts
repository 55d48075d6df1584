/** A visit leads to a cited summary, once per state of the chart. */
import { expect, test } from '@jest/globals';
import type { Composition, DocumentReference, Encounter, Provenance, Resource } from '@medplum/fhirtypes';
import bot from '../../bot/chart-summary/handler.ts';
import { createHarness, type Harness } from '../../sdk/test-harness.ts';

const subject = { reference: 'Patient/p' };
const concept = (code: string) => ({ coding: [{ code }] });

const chart = [
  { resourceType: 'Patient', id: 'p', gender: 'female', birthDate: '1968-04-12' },
  {
    resourceType: 'Condition',
    id: 'c',
    subject,
    code: { text: 'Essential hypertension' },
    clinicalStatus: concept('active'),
    verificationStatus: concept('confirmed'),
    onsetDateTime: '2015-03-02',
  },
  {
    resourceType: 'MedicationStatement',
    id: 'm',
    subject,
    status: 'active',
    medicationCodeableConcept: { text: 'lisinopril' },
    dosage: [{ text: '10 mg by mouth once daily' }],
  },
  ...(['2025-11-02', '2026-05-14'] as const).map((date, i) => ({
    resourceType: 'Observation',
    id: `w${i}`,
    subject,
    status: 'final',
    category: [concept('vital-signs')],
    code: { text: 'Body weight', coding: [{ code: '29463-7' }] },
    valueQuantity: { value: i === 0 ? 80.1 : 78.4, unit: 'kg' },
    effectiveDateTime: date,
  })),
] as unknown as Resource[];

const encounter = (change: Partial<Encounter> = {}): Encounter => ({
  resourceType: 'Encounter',
  id: 'e',
  status: 'planned',
  class: { code: 'AMB' },
  subject,
  reasonCode: [{ text: 'Headaches' }],
  period: { start: '2026-06-10T09:00:00Z' },
  ...change,
});

const newHarness = (resources: readonly Resource[] = chart): Harness =>
  createHarness(bot, { resources, now: '2026-06-10T06:00:00Z', env: { LOG_LEVEL: 'silent' } });

interface Structured {
  readonly sections: readonly {
    title: string;
    sentences: readonly { id: string; text: string; source: string[] }[];
  }[];
}

const structuredOf = (document: DocumentReference | undefined): Structured =>
  JSON.parse(Buffer.from(document?.content[1]?.attachment.data ?? '', 'base64').toString()) as Structured;

test('Every sentence names what says it, in the narrative, in the entries, in the JSON and in the Provenance.', async () => {
  const harness = newHarness();
  const { outcome } = await harness.deliver(encounter());
  expect(outcome).toBe('done');
  const [composition] = harness.stored('Composition') as [Composition];
  expect(composition).toMatchObject({
    status: 'preliminary',
    type: { coding: [{ code: '60591-5' }] },
    encounter: { reference: 'Encounter/e' },
    meta: { security: [{ code: 'AIAST' }] },
  });
  const { sections } = structuredOf(harness.stored('DocumentReference')[0]);
  const sentences = sections.flatMap((section) => section.sentences);
  expect(sentences.map((s) => s.text)).toEqual([
    'Essential hypertension since 2015-03-02',
    'lisinopril, 10 mg by mouth once daily',
    'Body weight: 78.4 kg on 2026-05-14, lower than 80.1 kg on 2025-11-02.',
  ]);
  expect(sentences.map((s) => s.source)).toEqual([
    ['Condition/c'],
    ['MedicationStatement/m'],
    ['Observation/w1', 'Observation/w0'],
  ]);
  for (const { id, source } of sentences) {
    const section = composition.section?.find((s) => s.text?.div?.includes(`id="${id}"`));
    for (const reference of source) {
      expect(section?.text?.div).toContain(`href="${reference}"`);
      expect(section?.entry).toContainEqual({ reference });
    }
  }
  const [provenance] = harness.stored('Provenance') as [Provenance];
  expect(provenance.entity?.map((e) => e.what.reference).toSorted()).toEqual([
    'Condition/c/_history/1',
    'MedicationStatement/m/_history/1',
    'Observation/w0/_history/1',
    'Observation/w1/_history/1',
  ]);
});

test('Where nothing is recorded the summary says so, which is not that there is none.', async () => {
  const harness = newHarness();
  await harness.deliver(encounter());
  const section = harness.stored('Composition')[0]?.section?.find((s) => s.title === 'Allergies');
  expect(section?.emptyReason?.text).toBe('Nothing is recorded in the chart.');
  expect(section?.entry).toBeUndefined();
});

test('An unchanged chart writes nothing again; a changed one replaces the summary until the visit begins.', async () => {
  const harness = newHarness();
  await harness.deliver(encounter());
  expect((await harness.deliver(encounter({ status: 'arrived' }))).written).toEqual([]);
  expect((await harness.tick('2026-06-10T06:15:00Z')).written).toEqual([]);
  const allergy = {
    resourceType: 'AllergyIntolerance',
    id: 'a',
    patient: subject,
    code: { text: 'Penicillin' },
    clinicalStatus: concept('active'),
    verificationStatus: concept('confirmed'),
  } as Resource;
  harness.put(allergy);
  expect((await harness.tick('2026-06-10T06:30:00Z')).written.map((r) => r.resourceType).toSorted()).toEqual([
    'Composition',
    'DocumentReference',
    'Provenance',
  ]);
  const [composition] = harness.stored('Composition');
  expect(composition?.meta?.versionId).toBe('2');
  expect(JSON.stringify(composition?.section)).toContain('Penicillin');
  harness.put({ ...allergy, id: 'b' });
  expect((await harness.deliver(encounter({ status: 'in-progress' }))).written).toEqual([]);
});

test('A summary that somebody has worked on stays as it is.', async () => {
  const harness = newHarness();
  await harness.deliver(encounter());
  const [document] = harness.stored('DocumentReference') as [DocumentReference];
  harness.put({ ...document, docStatus: 'final' });
  harness.put({ ...chart[1], code: { text: 'Migraine' } } as Resource);
  expect((await harness.tick('2026-06-10T06:15:00Z')).written).toEqual([]);
});

test('A correction that leaves the summary a draft stays when the chart changes.', async () => {
  const harness = newHarness();
  await harness.deliver(encounter());
  const [composition] = harness.stored('Composition') as [Composition];
  const [first, ...rest] = composition.section ?? [];
  const corrected = { ...first, text: { ...first?.text, div: first?.text?.div?.replace('since', 'from') } };
  harness.put({ ...composition, section: [corrected, ...rest] } as Composition);
  harness.put({ ...chart[1], code: { text: 'Migraine' } } as Resource);
  expect((await harness.tick('2026-06-10T06:15:00Z')).written).toEqual([]);
  expect(JSON.stringify(harness.stored('Composition'))).toContain('hypertension from 2015');
});

test('Two patients of one group appointment have a summary each.', async () => {
  const harness = newHarness([...chart, { resourceType: 'Patient', id: 'q' }]);
  const appointment = [{ reference: 'Appointment/a' }];
  await harness.deliver(encounter({ appointment }));
  await harness.deliver(encounter({ appointment, id: 'f', subject: { reference: 'Patient/q' } }));
  const subjects = harness.stored('Composition').map((c) => c.subject?.reference);
  expect(subjects.toSorted()).toEqual(['Patient/p', 'Patient/q']);
});

test('A checked-in appointment and its encounter share one summary.', async () => {
  const harness = newHarness();
  const checkedIn: Resource = {
    resourceType: 'Appointment',
    id: 'a',
    status: 'checked-in',
    participant: [{ actor: subject, status: 'accepted' }],
  };
  await harness.deliver(checkedIn);
  await harness.deliver(encounter({ appointment: [{ reference: 'Appointment/a' }], status: 'arrived' }));
  expect(harness.stored('Composition')).toHaveLength(1);
});

test('Visits that are over, cancelled or of no patient are ignored, and a missing patient fails with words.', async () => {
  const harness = newHarness();
  for (const change of [
    { status: 'finished' },
    { status: 'cancelled' },
    { subject: { reference: 'Group/g' } },
  ] as const)
    expect((await harness.deliver(encounter(change))).outcome).toBe('ignored');
  const empty = newHarness([]);
  expect((await empty.deliver(encounter())).outcome).toBe('failed');
  expect(empty.stored('Task')[0]?.statusReason?.text).toBe('The patient of the visit does not exist.');
});
