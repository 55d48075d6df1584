/** Whose names are kept from others, and what happens when one of the people cannot be read. */
import { describe, expect, test } from '@jest/globals';
import visitScribe from '../../bot/visit-scribe/handler.ts';
import { loadPeople } from '../../bot/visit-scribe/people.ts';
import type { Trigger } from '../../bot/visit-scribe/trigger.ts';
import type { FhirApi } from '../../runtime/fhir-api.ts';
import { HttpFailure } from '../../runtime/http-failure.ts';
import { RELATIVES_MAX } from '../../sdk/people.ts';
import { createMemoryFhir } from '../../sdk/testing/memory-fhir.ts';

const trigger: Trigger = {
  kind: 'recording',
  reference: 'Media/m',
  versionId: '1',
  recording: 'Media/m',
  content: {},
  subject: { reference: 'Patient/p' },
  author: { reference: 'Practitioner/d' },
  clinicians: ['Practitioner/d', 'PractitionerRole/consultant'],
};

const newFhir = (scopes: readonly string[] = visitScribe.scopes, relatives = 1): FhirApi => {
  const fhir = createMemoryFhir(() => new Date());
  fhir.put({ resourceType: 'Patient', id: 'p', name: [{ given: ['Maria'], family: 'Quintero' }] });
  fhir.put({ resourceType: 'Practitioner', id: 'd', name: [{ family: 'Abernathy' }] });
  fhir.put({ resourceType: 'Practitioner', id: 'c', name: [{ family: 'Ostrander' }] });
  fhir.put({
    resourceType: 'PractitionerRole',
    id: 'consultant',
    practitioner: { reference: 'Practitioner/c' },
  });
  for (let i = 1; i <= relatives; i += 1)
    fhir.put({
      resourceType: 'RelatedPerson',
      id: `r${i}`,
      patient: { reference: 'Patient/p' },
      name: [{ given: [i === relatives ? 'Zebulon' : 'Mary'] }],
    });
  return fhir.api(scopes);
};

describe('The people of a visit', () => {
  test.each([1, 70])(
    'are the patient, the clinicians, also those whose role is named, and %s relatives.',
    async (relatives) => {
      const { identifiers = [] } = await loadPeople(newFhir(undefined, relatives), trigger);
      const isFound = (name: string): boolean => identifiers.some(({ pattern }) => name.search(pattern) >= 0);
      const names = ['Quintero', 'Abernathy', 'Ostrander', 'Zebulon'];
      expect(names.filter((name) => !isFound(name))).toEqual([]);
    },
  );

  test('are not known when there are more relatives than anybody has.', async () => {
    expect((await loadPeople(newFhir(undefined, RELATIVES_MAX + 1), trigger)).identifiers).toBeUndefined();
  });

  test('are known without a clinician who is no longer there.', async () => {
    const gone = { ...trigger, clinicians: ['Practitioner/gone', 'PractitionerRole/gone'] };
    expect((await loadPeople(newFhir(), gone)).identifiers).toBeDefined();
  });

  test.each(['system/Practitioner.r', 'system/PractitionerRole.r', 'system/RelatedPerson.s'])(
    'are not known when the right %s is missing: no text may go to others.',
    async (scope) => {
      const people = await loadPeople(newFhir(visitScribe.scopes.filter((s) => s !== scope)), trigger);
      expect(people).toEqual({ patient: { name: 'Maria Quintero' }, identifiers: undefined });
    },
  );

  test('are asked for again later when the server is in trouble.', async () => {
    const busy = new HttpFailure(503, 'the FHIR server answered 503');
    const api: FhirApi = { ...newFhir(), findAll: () => Promise.reject(busy) };
    await expect(loadPeople(api, trigger)).rejects.toBe(busy);
  });
});
