/** The demo data: complete in themselves, and the same on each call. */
import { describe, expect, test } from '@jest/globals';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { appointmentBundle, clinicBundle, encounterBundle, historyBundle } from '../seed/bundle.ts';

function resourcesOf(...bundles: Bundle[]): Resource[] {
  return bundles.flatMap((bundle) => (bundle.entry ?? []).flatMap(({ resource }) => resource ?? []));
}

const address = (resource: Resource): string => `${resource.resourceType}/${resource.id ?? ''}`;

describe('The demo data', () => {
  const all = resourcesOf(
    clinicBundle(),
    historyBundle(),
    appointmentBundle('2026-11-23'),
    encounterBundle('2026-11-23'),
  );

  test('are the same on each call.', () => {
    expect(clinicBundle()).toEqual(clinicBundle());
  });

  test('give each resource an id of its own, within the limits of FHIR ids.', () => {
    expect(new Set(all.map(address)).size).toBe(all.length);
    expect(all.filter(({ id }) => !/^[A-Za-z0-9.-]{1,64}$/.test(id ?? ''))).toEqual([]);
  });

  test('refer only to resources that they contain.', () => {
    const known = new Set(all.map(address));
    const references = [...JSON.stringify(all).matchAll(/"reference":"([^"]+)"/g)].map(
      (match) => match[1] ?? '',
    );
    expect(references.length).toBeGreaterThan(100);
    expect(references.filter((reference) => !known.has(reference))).toEqual([]);
  });

  test('have the people whom the demo logins stand for, and appointments for the day that was asked for.', () => {
    const known = all.map(address);
    for (const id of ['demo-doctor', 'demo-nurse', 'demo-receptionist', 'demo-admin']) {
      expect(known).toContain(`Practitioner/${id}`);
    }
    expect(known).toContain('Patient/demo-patient');
    expect(known.filter((one) => one.startsWith('Patient/'))).toHaveLength(12);
    const appointments = resourcesOf(appointmentBundle('2026-02-01')).filter(
      (one) => one.resourceType === 'Appointment',
    );
    expect(appointments.length).toBeGreaterThan(3);
    expect(appointments.every(({ start }) => start?.startsWith('2026-02-01') === true)).toBe(true);
  });
});
