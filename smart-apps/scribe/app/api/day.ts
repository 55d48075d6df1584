/** A clinician's day: Appointments and Encounters in order of time, each with its patient and its recorded visits. */
import type { Appointment, DocumentReference, Encounter, Media, Patient, Task } from '@medplum/fhirtypes';
import { searchAll, typed } from './batch.ts';
import { recordedVisits, type RecordedVisit } from './visit-stage.ts';

const ENTRIES_MAX = 200;
const DAY_MS = 86_400_000;

export interface DayEntry {
  /** Of the Appointment, otherwise of the Encounter. */
  readonly key: string;
  /** Instant. */
  readonly start: string;
  readonly end: string | undefined;
  readonly patientId: string | undefined;
  readonly patient: Patient | undefined;
  /** What the appointment calls the patient. */
  readonly display: string | undefined;
  readonly encounterId: string | undefined;
  /** Code of the Encounter's status, otherwise of the Appointment's. */
  readonly status: NonNullable<Encounter['status'] | Appointment['status']>;
  readonly reason: string | undefined;
  readonly visits: readonly RecordedVisit[];
}

export interface DayData {
  readonly appointments: readonly Appointment[];
  readonly encounters: readonly Encounter[];
  readonly patients: readonly Patient[];
  readonly media: readonly Media[];
  readonly tasks: readonly Task[];
  readonly notes: readonly DocumentReference[];
}

/** The first moment of a day (`2026-11-23`) and of the next one, in this machine's time zone. */
export function boundsOf(day: string): { from: Date; until: Date } {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return { from: new Date(year, month - 1, date), until: new Date(year, month - 1, date + 1) };
}

/** `2026-11-23`, so many days later, in this machine's time zone. */
export function dayAfter(day: string, days: number): string {
  const { from } = boundsOf(day);
  // Noon, since a day may have 23 or 25 hours.
  return localDay(new Date(from.getTime() + days * DAY_MS + DAY_MS / 2));
}

export const localDay = (moment: Date): string =>
  [moment.getFullYear(), moment.getMonth() + 1, moment.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');

const idOf = (reference: string | undefined, type: string): string | undefined => {
  const [of, id] = reference?.split('/').slice(-2) ?? [];
  return of === type ? id : undefined;
};

const textOf = (concepts: Encounter['reasonCode']): string | undefined =>
  concepts?.map((c) => c.text ?? c.coding?.[0]?.display).find((text) => text !== undefined);

function entryOf(
  appointment: Appointment | undefined,
  encounter: Encounter | undefined,
  data: DayData,
  visits: readonly RecordedVisit[],
): DayEntry {
  const actor = appointment?.participant.find((p) => idOf(p.actor?.reference, 'Patient'))?.actor;
  const subject = encounter?.subject ?? actor;
  const patientId = idOf(subject?.reference, 'Patient');
  return {
    key: `${appointment?.resourceType ?? 'Encounter'}/${appointment?.id ?? encounter?.id ?? ''}`,
    start: appointment?.start ?? encounter?.period?.start ?? '',
    end: appointment?.end ?? encounter?.period?.end,
    patientId,
    patient: data.patients.find((p) => p.id === patientId),
    display: subject?.display ?? actor?.display,
    encounterId: encounter?.id,
    // An arrived patient is first seen in the Appointment, a begun visit in the Encounter.
    status:
      encounter === undefined || encounter.status === 'planned'
        ? (appointment?.status ?? encounter?.status ?? 'planned')
        : encounter.status,
    reason: appointment?.description ?? textOf(appointment?.reasonCode) ?? textOf(encounter?.reasonCode),
    visits: visits.filter((v) => v.encounterId !== undefined && v.encounterId === encounter?.id),
  };
}

/** Pure: an Encounter that belongs to an Appointment is one entry with it. */
export function mergeDay(data: DayData): DayEntry[] {
  const visits = recordedVisits(data.media, data.tasks, data.notes);
  const ofAppointment = (id: string | undefined): Encounter | undefined =>
    data.encounters.find((e) => e.appointment?.some((a) => idOf(a.reference, 'Appointment') === id));
  const booked = data.appointments.map((a) => entryOf(a, ofAppointment(a.id), data, visits));
  const taken = new Set(booked.map((entry) => entry.encounterId));
  const others = data.encounters
    .filter((e) => !taken.has(e.id))
    .map((e) => entryOf(undefined, e, data, visits));
  return [...booked, ...others].toSorted((a, b) => Date.parse(a.start) - Date.parse(b.start));
}

/** @param fhirUser `Practitioner/1`; @param day `2026-11-23`. One request. Throws ApiError. */
export async function loadDay(
  fhirUser: string,
  day: string,
  signal: AbortSignal,
): Promise<{ entries: readonly DayEntry[]; hasMore: boolean }> {
  const { from, until } = boundsOf(day);
  const before = new Date(from.getTime() - 1).toISOString();
  const [start, end] = [from.toISOString(), until.toISOString()];
  const found = await searchAll(
    {
      appointments: `Appointment?practitioner=${fhirUser}&date=ge${start}&date=lt${end}&_include=Appointment:patient&_count=${ENTRIES_MAX}`,
      // "Starts after": a visit that nobody ended has no end, and would be part of every later day.
      encounters: `Encounter?participant=${fhirUser}&date=sa${before}&date=lt${end}&_include=Encounter:patient&_revinclude=Media:encounter&_revinclude=Task:encounter&_count=${ENTRIES_MAX}`,
      notes: `DocumentReference?type=http://loinc.org|11506-3&encounter.participant=${fhirUser}&encounter.date=sa${before}&encounter.date=lt${end}&_elements=docStatus&_count=${ENTRIES_MAX}`,
    },
    signal,
  );
  const entries = mergeDay({
    appointments: typed<Appointment>(found.appointments, 'Appointment'),
    encounters: typed<Encounter>(found.encounters, 'Encounter'),
    patients: [
      ...typed<Patient>(found.appointments, 'Patient'),
      ...typed<Patient>(found.encounters, 'Patient'),
    ],
    media: typed<Media>(found.encounters, 'Media'),
    tasks: typed<Task>(found.encounters, 'Task'),
    notes: typed<DocumentReference>(found.notes, 'DocumentReference'),
  });
  return { entries, hasMore: found.appointments?.hasMore === true || found.encounters?.hasMore === true };
}
