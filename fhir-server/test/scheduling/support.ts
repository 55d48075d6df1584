/** A clinic with timetables, and callers of its operations. */
import { expect } from '@jest/globals';
import type { Appointment, Bundle, OperationOutcome, Slot } from '@medplum/fhirtypes';
import type { Sent } from '../support/searcher.ts';
import { CLINIC, type FhirOptions, type TestServer } from '../support/server.ts';

export const FAMILY = {
  coding: [{ system: 'http://snomed.info/sct', code: '419772000', display: 'Family practice' }],
};
export const SKIN = { coding: [{ system: 'http://snomed.info/sct', code: '394582007' }] };

/** An instant so many days from today, UTC. */
export const at = (days: number, hour: number, minute = 0): string => {
  const day = new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const pad = (n: number): string => String(n).padStart(2, '0');
  return `${day}T${pad(hour)}:${pad(minute)}:00Z`;
};

const patient = (id: string): Sent => ({
  resourceType: 'Patient',
  id,
  managingOrganization: { reference: CLINIC },
});

/** A Slot of 20 minutes. */
export const slot = (
  id: string,
  schedule: string,
  start: string,
  more: Partial<Slot> = {},
): Sent & Pick<Slot, 'start' | 'end'> => ({
  resourceType: 'Slot',
  id,
  schedule: { reference: `Schedule/${schedule}` },
  status: 'free',
  start,
  end: new Date(Date.parse(start) + 20 * 60_000).toISOString().replace('.000Z', 'Z'),
  ...more,
});

const schedule = (id: string, actor: string, specialty: object): Sent => ({
  resourceType: 'Schedule',
  id,
  active: true,
  specialty: [specialty],
  actor: [{ reference: actor, display: id }],
});

/** Two doctors, a skin doctor by her role at a place, and two patients. */
export const people = (): Sent[] => [
  { resourceType: 'Organization', id: 'o', name: 'Clinic' },
  patient('p1'),
  patient('p2'),
  { resourceType: 'Location', id: 'harbour', managingOrganization: { reference: CLINIC } },
  {
    resourceType: 'PractitionerRole',
    id: 'skin-role',
    practitioner: { reference: 'Practitioner/skin' },
    organization: { reference: CLINIC },
    location: [{ reference: 'Location/harbour' }],
    specialty: [SKIN],
  },
  schedule('doc-times', 'Practitioner/doc', FAMILY),
  schedule('skin-times', 'PractitionerRole/skin-role', SKIN),
];

export function scheduler(server: TestServer) {
  const json = async <T>(
    method: string,
    path: string,
    options: FhirOptions = {},
    status = 200,
  ): Promise<T> => {
    const response = await server.fhir(method, path, options);
    const body = (await response.json()) as T;
    expect([response.status, response.status === status ? '' : JSON.stringify(body)]).toEqual([status, '']);
    return body;
  };
  const parameters = (parts: Readonly<Record<string, object | string>>): object => ({
    resourceType: 'Parameters',
    ...(Object.keys(parts).length > 0 && { parameter: toParameters(parts) }),
  });
  const toParameters = (parts: Readonly<Record<string, object | string>>): object[] =>
    Object.entries(parts).map(([name, value]) =>
      typeof value === 'string' ? { name, valueUri: value } : { name, resource: value },
    );
  return {
    json,
    parameters,
    async find(query: string, token?: string): Promise<Appointment[]> {
      const bundle = await json<Bundle<Appointment>>('GET', `Appointment/$find?${query}`, token === undefined ? {} : { token }); // prettier-ignore
      return (bundle.entry ?? []).flatMap(({ resource, search }) =>
        resource && search?.mode === 'match' ? [resource] : [],
      );
    },
    async one(
      path: string,
      parts: Readonly<Record<string, object | string>>,
      token?: string,
    ): Promise<Appointment> {
      // prettier-ignore
      const bundle = await json<Bundle<Appointment>>('POST', path, { body: parameters(parts), ...(token !== undefined && { token }) }); // prettier-ignore
      return bundle.entry![0]!.resource!;
    },
    refused: (path: string, parts: Readonly<Record<string, object | string>>, status: number, token?: string) =>
      json<OperationOutcome>('POST', path, { body: parameters(parts), ...(token !== undefined && { token }) }, status), // prettier-ignore
    slotStatus: async (id: string): Promise<string> => (await json<Slot>('GET', `Slot/${id}`)).status,
  };
}

/** As an app sends it: Slots, and who is to come. */
export const wish = (
  slots: readonly string[],
  patientId?: string,
  more: Partial<Appointment> = {},
): Appointment => ({
  // prettier-ignore
  resourceType: 'Appointment',
  status: 'proposed',
  ...(slots.length > 0 && { slot: slots.map((id) => ({ reference: `Slot/${id}` })) }),
  participant: [
    patientId === undefined
      ? { actor: { display: 'me' }, status: 'accepted' }
      : { actor: { reference: `Patient/${patientId}` }, status: 'accepted' },
  ],
  ...more,
});
