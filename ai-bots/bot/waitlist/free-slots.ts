/** Slots that have become free while somebody waits, and that suit him, the earliest first. */
import type { Appointment, CodeableConcept, Schedule, Slot } from '@medplum/fhirtypes';
import type { FhirApi } from '../../sdk/index.ts';

const SCHEDULES_MAX = 1_000;
const SLOTS_MAX = 100;
const DAY_MS = 86_400_000;
const BUSY_MAX = 500;
/** Of these each is in one place at a time. */
const ALONE = /^(Practitioner|PractitionerRole|Patient|Device)\//;

export interface FreeSlot {
  readonly slot: Slot;
  readonly schedule: Schedule;
}

/**
 * With one of those who are wanted, or with anybody, in the periods that suit, for what it is about.
 * @param since what was free before, who waits has seen
 * @param earliest none starts before it
 */
export async function loadFreeSlots(
  fhir: FhirApi,
  appointment: Appointment,
  since: Date,
  earliest: Date,
): Promise<FreeSlot[]> {
  const schedules = new Map(
    (await schedulesFor(fhir, appointment)).map((one) => [`Schedule/${one.id ?? ''}`, one]),
  );
  if (schedules.size === 0) return [];
  const found: FreeSlot[] = [];
  for (const { start, end } of appointment.requestedPeriod ?? []) {
    const from = Math.max(Date.parse(start ?? ''), earliest.getTime());
    const to = Date.parse(end ?? '');
    if (!(from < to)) continue;
    const params = {
      schedule: [...schedules.keys()].join(','),
      status: 'free',
      _lastUpdated: `gt${since.toISOString()}`,
      start: [`ge${new Date(from).toISOString()}`, `lt${new Date(to).toISOString()}`],
      _sort: 'start',
      _count: String(SLOTS_MAX),
    };
    for (const slot of await fhir.findAll('Slot', params, SLOTS_MAX)) {
      if (slot.resourceType !== 'Slot' || Date.parse(slot.end) > to) continue;
      const schedule = schedules.get(slot.schedule.reference ?? '');
      if (schedule !== undefined && isFor(appointment, slot, schedule)) found.push({ slot, schedule });
    }
  }
  return found.toSorted((a, b) => Date.parse(a.slot.start) - Date.parse(b.slot.start));
}

async function schedulesFor(fhir: FhirApi, { participant }: Appointment): Promise<Schedule[]> {
  const wanted = participant
    .map(({ actor }) => actor?.reference ?? '')
    .filter((reference) => /^(Practitioner|PractitionerRole|Location|HealthcareService|Device)\//.test(reference)); // prettier-ignore
  const params = { ...(wanted.length === 0 ? {} : { actor: wanted.join(',') }), _count: '200' };
  const found = await fhir.findAll('Schedule', params, SCHEDULES_MAX);
  return found.filter((one) => one.resourceType === 'Schedule').filter(({ active }) => active !== false);
}

/** Long enough, and of the kind that is wanted; a Slot that says nothing is for all that its Schedule is for. */
function isFor(appointment: Appointment, slot: Slot, schedule: Schedule): boolean {
  const minutes = (Date.parse(slot.end) - Date.parse(slot.start)) / 60_000;
  return (
    minutes >= (appointment.minutesDuration ?? 0) &&
    (['serviceType', 'specialty'] as const).every((name) =>
      isOneOf(slot[name] ?? schedule[name], appointment[name]),
    )
  );
}

const codesOf = (concepts: readonly CodeableConcept[] | undefined): string[] =>
  (concepts ?? []).flatMap(({ coding = [] }) => coding.map((c) => `${c.system ?? ''}|${c.code ?? ''}`));

function isOneOf(offered: CodeableConcept[] | undefined, wanted: CodeableConcept[] | undefined): boolean {
  const [has, wants] = [codesOf(offered), codesOf(wanted)];
  return has.length === 0 || wants.length === 0 || wants.some((code) => has.includes(code));
}

const OCCUPYING = 'pending,booked,arrived,checked-in,fulfilled';

/** Whether the patient, or who has the Schedule, has another Appointment then, also one without Slots. */
export async function isBusy(
  fhir: FhirApi,
  { slot, schedule }: FreeSlot,
  patientReference: string,
): Promise<boolean> {
  const actors = [patientReference, ...schedule.actor.map(({ reference = '' }) => reference)].filter((one) =>
    ALONE.test(one),
  );
  const [start, end] = [Date.parse(slot.start), Date.parse(slot.end)];
  const params = {
    actor: actors.join(','),
    status: OCCUPYING,
    date: [`lt${new Date(end).toISOString()}`, `gt${new Date(start - DAY_MS).toISOString()}`],
    _count: '200',
  };
  const found = await fhir.findAll('Appointment', params, BUSY_MAX);
  return found.some(
    (one) =>
      one.resourceType === 'Appointment' &&
      Date.parse(one.start ?? '') < end &&
      Date.parse(one.end ?? '') > start &&
      one.participant.some((p) => p.status !== 'declined' && actors.includes(p.actor?.reference ?? '')),
  );
}
