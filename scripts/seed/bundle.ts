/** The demo data as Bundles of PUTs. */
import type { Bundle, BundleEntry, Resource } from '@medplum/fhirtypes';
import { clinic } from './clinic.ts';
import { demoPatient } from './demo-patient.ts';
import { appointmentOf, appointmentsAhead, encounterOf, expectedOn, slotOf } from './day-list.ts';
import { noteTemplates } from './note-template.ts';
import { people } from './people.ts';
import { record } from './record.ts';
import { schedules } from './schedule.ts';
import { recordedAppointments, recordedEncounters, recordedSlots, recordingOf } from './visit/recorded.ts';

/** Several hundred: large enough to be quick, and the server is free for others in between. */
const ENTRIES_AT_ONCE = 500;

const putEntry = (resource: Resource): BundleEntry => ({
  resource,
  request: { method: 'PUT', url: `${resource.resourceType}/${resource.id ?? ''}` },
});

export const transaction = (resources: readonly Resource[]): Bundle => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: resources.map(putEntry),
});

/** The clinic, its staff and the patients with short charts: the same on each call. */
export function clinicBundle(): Bundle {
  return transaction([...clinic(), ...schedules(), ...people.flatMap(record)]);
}

/** The second physician, for a clinic that was seeded before she came. */
export function physicianBundle(): Bundle {
  const all: Resource[] = [...clinic(), ...schedules()];
  return transaction(all.filter(({ id }) => id?.startsWith('demo-physician') === true));
}

/** How notes are written in the clinic. */
export const templateBundle = (): Bundle => transaction(noteTemplates());

/** What the demo patient's portal shows besides, and the clinic's form; her people must be there. */
export const demoPatientBundle = (): Bundle => transaction(demoPatient());

/** Charts as transactions of several hundred entries; each chart is in one of them. */
export function chartBundles(charts: readonly (readonly Resource[])[]): Bundle[] {
  const bundles: Resource[][] = [];
  for (const chart of charts) {
    const last = bundles.at(-1);
    if (last === undefined || last.length + chart.length > ENTRIES_AT_ONCE) bundles.push([...chart]);
    else last.push(...chart);
  }
  return bundles.map(transaction);
}

/** Each for itself: what is there already stays, and a time that somebody has booked meanwhile is his. */
const batchOfNew = (resources: readonly Resource[]): BundleEntry[] =>
  resources.map((resource) => {
    const entry = putEntry(resource);
    return { ...entry, request: { ...entry.request!, ifNoneMatch: '*' } };
  });

const batch = (entry: BundleEntry[]): Bundle => ({ resourceType: 'Bundle', type: 'batch', entry });

/** To be sent before the appointments of the day, which take them. */
export const slotBundle = (day: string): Bundle =>
  batch(batchOfNew(expectedOn(day).map((one) => slotOf(one, day))));

/** The appointments of a day to come. */
export const appointmentBundle = (day: string): Bundle => batch(batchOfNew(appointmentsAhead(day)));

/** The appointments and visits of today, as at eleven. */
export function todayBundle(day: string): Bundle {
  const expected = expectedOn(day);
  return batch([
    ...batchOfNew(expected.map((one) => appointmentOf(one, day))),
    ...expected.flatMap((one) => encounterOf(one, day)).map(putEntry),
  ]);
}

/** The same where the appointments were made the day before: those that somebody has changed since stay. */
export function nextDayBundle(day: string): Bundle {
  const entry = (todayBundle(day).entry ?? []).map((one): BundleEntry => {
    const { resource, request } = one;
    if (resource?.resourceType !== 'Appointment' || request === undefined) return one;
    const { ifNoneMatch: _new, ...update } = request;
    return { resource, request: { ...update, ifMatch: 'W/"1"' } };
  });
  return batch(entry);
}

/** The visits of this morning that were recorded, up to the signing of one; their recordings come by themselves. */
export async function recordedBundles(day: string): Promise<Bundle[]> {
  const { draftedVisit, signing } = await import('./visit/signed.ts');
  return [
    batch(batchOfNew(recordedSlots(day))),
    batch(batchOfNew(recordedAppointments(day))),
    transaction([...recordedEncounters(day), ...draftedVisit(day)]),
    signing(day),
  ];
}

/** The recordings that the bot is to take up: one to be drafted, and one that it cannot understand. */
export const recordingBundle = (day: string): Bundle =>
  transaction([recordingOf('review', day), recordingOf('hold', day)]);
