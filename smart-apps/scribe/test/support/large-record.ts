/** A patient with a long history, made up by rule: the same numbers each time. */
import type { Bundle, Resource } from '@medplum/fhirtypes';
import type { WholeSystem } from '../../../../scripts/test/support/whole-system.ts';

const PATIENT = 'long-history';
const ENTRIES_OF_A_BUNDLE = 400;
const DAY_MS = 86_400_000;
const TESTS = ['4548-4', '2345-7', '2160-0', '718-7', '2823-3', '8867-4', '29463-7', '2093-3'];

const daysAgo = (days: number): string =>
  new Date(Date.parse('2026-06-01T08:00:00Z') - days * DAY_MS).toISOString();

function resourceAt(i: number): Resource {
  const subject = { reference: `Patient/${PATIENT}` };
  const kind = i % 20;
  if (kind === 0)
    return {
      resourceType: 'Encounter',
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      subject,
      period: { start: daysAgo(i), end: daysAgo(i) },
      reasonCode: [{ text: `Visit ${i / 20}` }],
    };
  if (kind === 1)
    return {
      resourceType: 'Condition',
      code: { text: `Problem ${(i - 1) / 20}` },
      subject,
      recordedDate: daysAgo(i),
    };
  if (kind === 2)
    return {
      resourceType: 'MedicationStatement',
      status: 'active',
      medicationCodeableConcept: { text: `Medication ${(i - 2) / 20}` },
      subject,
      effectivePeriod: { start: daysAgo(i) },
    };
  if (kind === 3)
    return {
      resourceType: 'DocumentReference',
      status: 'current',
      docStatus: 'final',
      type: { text: 'Letter' },
      subject,
      date: daysAgo(i),
      content: [{ attachment: { contentType: 'text/plain', data: btoa('A letter. '.repeat(400)) } }],
    };
  return {
    resourceType: 'Observation',
    status: 'final',
    code: {
      coding: [{ system: 'http://loinc.org', code: TESTS[i % TESTS.length]! }],
      text: `Test ${i % TESTS.length}`,
    },
    subject,
    effectiveDateTime: daysAgo(i / 2),
    valueQuantity: {
      value: 50 + ((i * 37) % 50),
      unit: 'mg',
      system: 'http://unitsofmeasure.org',
      code: 'mg',
    },
  };
}

/** Completes when the patient and `count` resources are stored; answers the patient's id. */
export async function storeLargeRecord(system: WholeSystem, count: number): Promise<string> {
  await system.call('PUT', `Patient/${PATIENT}`, {
    resourceType: 'Patient',
    id: PATIENT,
    name: [{ family: 'Longlife', given: ['Ida'] }],
    gender: 'female',
    birthDate: '1940-05-05',
    managingOrganization: { reference: 'Organization/demo-clinic' },
  });
  for (let from = 0; from < count; from += ENTRIES_OF_A_BUNDLE) {
    const entry = Array.from({ length: Math.min(ENTRIES_OF_A_BUNDLE, count - from) }, (_, i) => {
      const resource = resourceAt(from + i);
      return { resource, request: { method: 'POST' as const, url: resource.resourceType } };
    });
    await system.call<Bundle>('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
  }
  return PATIENT;
}
