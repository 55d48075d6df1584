/** Which resources are facts of a chart, and in which words. */
import { describe, expect, test } from '@jest/globals';
import type { AllergyIntolerance, Condition, Observation, Resource } from '@medplum/fhirtypes';
import { factsOf } from '../../bot/chart-summary/chart.ts';

const texts = (...resources: object[]): string[] =>
  factsOf(resources as Resource[])
    .map((fact) => fact.text)
    .toSorted();

const status = (code: string) => ({ coding: [{ code }] });
const AI = { versionId: '1', security: [{ code: 'AIAST' }] };

describe('A problem', () => {
  const condition: Condition = {
    resourceType: 'Condition',
    id: 'c',
    code: { text: 'Asthma' },
    subject: { reference: 'Patient/p' },
    clinicalStatus: status('active'),
    verificationStatus: status('confirmed'),
  };
  test.each<[string, Partial<Condition>, string[]]>([
    ['that is active is a fact', { onsetDateTime: '2019-05' }, ['Asthma since 2019-05']],
    ['that is unconfirmed says so', { verificationStatus: status('unconfirmed') }, ['Asthma (unconfirmed)']],
    ['that was refuted is none', { verificationStatus: status('refuted') }, []],
    ['that was entered in error is none', { verificationStatus: status('entered-in-error') }, []],
    ['that is resolved is none', { clinicalStatus: status('resolved') }, []],
    ['that software proposed and nobody reviewed is none', { meta: AI }, []],
    ['that software proposed and somebody confirmed is one', { meta: { ...AI, versionId: '2' } }, ['Asthma']],
  ])('%s.', (_case, change, expected) => {
    expect(texts({ ...condition, ...change })).toEqual(expected);
  });
});

describe('Medications', () => {
  const subject = { reference: 'Patient/p' };
  test('are named by what their reference leads to, with the dosage as it is written.', () => {
    const medication = { resourceType: 'Medication', id: 'm', code: { text: 'lisinopril' } };
    const request = {
      resourceType: 'MedicationRequest',
      id: 'r',
      status: 'active',
      intent: 'order',
      subject,
      medicationReference: { reference: 'Medication/m' },
      dosageInstruction: [{ text: '10 mg once daily' }],
    };
    expect(texts(medication, request)).toEqual(['lisinopril, 10 mg once daily']);
    expect(texts(medication, { ...request, status: 'on-hold' })).toEqual([
      'lisinopril, 10 mg once daily (on hold)',
    ]);
    expect(texts(medication, { ...request, doNotPerform: true })).toEqual(['not to be given: lisinopril']);
    for (const change of [{ status: 'stopped' }, { intent: 'proposal' }, { meta: AI }])
      expect(texts(medication, { ...request, ...change })).toEqual([]);
  });
});

describe('Allergies', () => {
  const allergy = (id: string, change: Partial<AllergyIntolerance>): AllergyIntolerance => ({
    resourceType: 'AllergyIntolerance',
    id,
    patient: { reference: 'Patient/p' },
    clinicalStatus: status('active'),
    verificationStatus: status('confirmed'),
    ...change,
  });
  const penicillin = allergy('a', {
    code: { text: 'Penicillin' },
    criticality: 'high',
    reaction: [{ manifestation: [{ text: 'Hives' }] }],
  });
  const none = allergy('n', { code: { coding: [{ code: '716186003', display: 'No known allergy' }] } });

  test('come with their reactions.', () => {
    expect(texts(penicillin)).toEqual(['Penicillin: Hives (high criticality)']);
  });
  test('that are not known are said as such, and only if nothing says otherwise.', () => {
    expect(texts(none)).toEqual(['No known allergy']);
    expect(texts(none, penicillin)).toEqual(['Penicillin: Hives (high criticality)']);
    expect(texts(allergy('t', { code: { text: 'NKDA' } }), penicillin)).toHaveLength(1);
  });
  test('that were refuted, entered in error or are over are none.', () => {
    for (const code of ['refuted', 'entered-in-error'])
      expect(texts({ ...penicillin, verificationStatus: status(code) })).toEqual([]);
    expect(texts({ ...penicillin, clinicalStatus: status('resolved') })).toEqual([]);
    // A refuted allergy must not hide that none is known.
    expect(texts({ ...penicillin, verificationStatus: status('refuted') }, none)).toEqual([
      'No known allergy',
    ]);
  });
});

describe('Results', () => {
  const result = (id: string, change: Partial<Observation>): Observation => ({
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { text: 'Potassium', coding: [{ code: '2823-3' }] },
    subject: { reference: 'Patient/p' },
    ...change,
  });
  const potassium = (value: number, date: string, change: Partial<Observation> = {}): Observation =>
    result(`${date}`, { valueQuantity: { value, unit: 'mmol/L' }, effectiveDateTime: date, ...change });

  test('carry the flag of the laboratory, or of their own reference range.', () => {
    expect(texts(potassium(5.9, '2026-01-01', { interpretation: [status('HH')] }))).toEqual([
      'Potassium: 5.9 mmol/L (critically high)',
    ]);
    const referenceRange = [{ low: { value: 3.5, unit: 'mmol/L' }, high: { value: 5.1, unit: 'mmol/L' } }];
    expect(texts(potassium(3.1, '2026-01-01', { referenceRange }))).toEqual(['Potassium: 3.1 mmol/L (low)']);
    expect(texts(potassium(4, '2026-01-01', { referenceRange }))).toEqual(['Potassium: 4 mmol/L']);
  });
  test('are the last two of each kind; preliminary and absent ones are none.', () => {
    const all = [potassium(4.1, '2026-01-01'), potassium(4.3, '2026-03-01'), potassium(4.2, '2026-02-01')];
    expect(texts(...all)).toEqual(['Potassium: 4.2 mmol/L', 'Potassium: 4.3 mmol/L']);
    expect(texts({ ...potassium(9, '2026-01-01'), status: 'preliminary' })).toEqual([]);
    expect(texts(result('x', { dataAbsentReason: { text: 'not asked' } }))).toEqual([]);
  });
  test('of blood pressure are written as they are spoken.', () => {
    const component = [
      { code: status('8480-6'), valueQuantity: { value: 138, unit: 'mmHg' } },
      { code: status('8462-4'), valueQuantity: { value: 86, unit: 'mmHg' } },
    ];
    expect(texts(result('bp', { code: { text: 'Blood pressure' }, component }))).toEqual([
      'Blood pressure: 138/86 mmHg',
    ]);
  });
});
