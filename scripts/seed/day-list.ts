/** A day's list of the clinic: an Appointment for each patient who is expected, and the Encounters, as at eleven o'clock. */
import type {
  Appointment,
  CodeableConcept,
  Encounter,
  Practitioner,
  Reference,
  Slot,
} from '@medplum/fhirtypes';
import { doctorReference, nurseReference, organizationReference, physicianReference } from './clinic.ts';
import { actCode } from './coding.ts';
import { instantOn, minutesAfter } from './day.ts';
import { patientName } from './names.ts';
import { visitTypes } from './note-template.ts';
import { slotAt, slotIdAt } from './slot.ts';

export interface Expected {
  /** `demo-patient-osei` */
  readonly patient: string;
  readonly reason: string;
  /** By the clock of this machine, on the twenty minutes of the Schedules. */
  readonly time: string;
  readonly actor: Reference<Practitioner>;
  readonly appointment: Appointment['status'];
  /** Absent for who did not come. */
  readonly encounter?: NonNullable<Encounter['status']>;
}

type Place = Omit<Expected, 'patient' | 'reason'>;

const place = (
  time: string,
  actor: Reference<Practitioner>,
  appointment: Appointment['status'],
  encounter?: NonNullable<Encounter['status']>,
): Place => ({ time, actor, appointment, ...(encounter === undefined ? {} : { encounter }) });

/** The places of a day in the order of the lists below. */
const places: readonly Place[] = [
  place('09:00', doctorReference, 'fulfilled', 'finished'),
  place('09:40', doctorReference, 'noshow'),
  place('10:40', doctorReference, 'checked-in', 'in-progress'),
  place('11:00', doctorReference, 'checked-in', 'arrived'),
  place('11:20', doctorReference, 'arrived', 'arrived'),
  place('13:00', doctorReference, 'booked', 'planned'),
  place('09:00', physicianReference, 'fulfilled', 'finished'),
  place('13:40', physicianReference, 'cancelled'),
  place('14:20', physicianReference, 'booked', 'planned'),
  place('10:00', nurseReference, 'fulfilled', 'finished'),
  place('13:20', nurseReference, 'booked', 'planned'),
];

const MARIA = ['demo-patient', 'Headaches and follow-up of blood pressure'] as const;

/** Days alternate, so that who was here today is not expected tomorrow; Maria Alvarez comes each day. */
const lists: readonly (readonly (readonly [patient: string, reason: string])[])[] = [
  [
    ['demo-patient-osei', 'Palpitations at night'],
    ['demo-patient-lindqvist', 'Migraine prevention'],
    ['demo-patient-nguyen', 'Cough for a week'],
    MARIA,
    ['demo-patient-kowalska', 'Knee pain after a fall'],
    ['demo-patient-haddad', 'Yearly check-up'],
    ['demo-patient-lopez', 'Follow-up of diabetes'],
    ['demo-patient-silva', 'Mood and sleep'],
    ['demo-patient-weber', 'Prenatal visit'],
    ['demo-patient-fischer', 'Blood pressure at home'],
    ['demo-patient-petrov', 'Influenza vaccination'],
  ],
  [
    ['demo-patient-okafor', 'Blood sugar at home'],
    ['demo-patient-brown', 'Mood and sleep'],
    ['demo-patient-tanaka', 'Dizzy in the morning'],
    MARIA,
    ['demo-patient-mueller', 'Cholesterol results'],
    ['demo-patient-singh', 'Tiredness'],
    ['demo-patient-jennings', 'Follow-up of diabetes'],
    ['demo-patient-kim', 'Yearly check-up'],
    ['demo-patient-dubois', 'Prenatal visit'],
    ['demo-patient-clark', 'Blood pressure at home'],
    ['demo-patient-novotny', 'Influenza vaccination'],
  ],
];

/** Ids of all who are on the list of some day. */
export const listedPatients: ReadonlySet<string> = new Set(lists.flat().map(([patient]) => patient));

/** Who is expected on the day. */
export function expectedOn(day: string): Expected[] {
  const list = lists[Math.floor(Date.parse(day) / 86_400_000) % lists.length] ?? [];
  return list.flatMap(([patient, reason], i) => {
    const at = places[i];
    return at === undefined ? [] : [{ ...at, patient, reason }];
  });
}

const idOn = ({ patient }: Expected, day: string): string => `${patient}-${day}`;
const subjectOf = ({ patient }: Expected) => ({
  reference: `Patient/${patient}`,
  display: patientName(patient),
});

/** With an id of each day's own, so that days do not overwrite each other. */
export function appointmentOf(one: Expected, day: string): Appointment {
  const start = instantOn(day, one.time);
  return {
    resourceType: 'Appointment',
    id: idOn(one, day),
    status: one.appointment,
    description: one.reason,
    start,
    end: minutesAfter(start, 20),
    minutesDuration: 20,
    slot: [{ reference: `Slot/${slotIdAt(one.actor.reference ?? '', start)}` }],
    participant: [
      { actor: subjectOf(one), status: one.appointment === 'cancelled' ? 'declined' : 'accepted' },
      { actor: one.actor, status: 'accepted' },
    ],
  };
}

function typeOf({ reason }: Expected): CodeableConcept {
  if (reason === 'Yearly check-up') return visitTypes.checkUp;
  if (reason === 'Prenatal visit') return visitTypes.prenatal;
  return /follow-up|at home|results/i.test(reason) ? visitTypes.followUp : visitTypes.consultation;
}

/** Nothing for who did not come. */
export function encounterOf(one: Expected, day: string): Encounter[] {
  const { encounter: status } = one;
  if (status === undefined) return [];
  const start = instantOn(day, one.time);
  return [
    {
      resourceType: 'Encounter',
      id: idOn(one, day),
      status,
      class: actCode,
      type: [typeOf(one)],
      subject: subjectOf(one),
      participant: [{ individual: one.actor }],
      appointment: [{ reference: `Appointment/${idOn(one, day)}` }],
      period: { start, ...(status === 'finished' ? { end: minutesAfter(start, 20) } : {}) },
      reasonCode: [{ text: one.reason }],
      serviceProvider: organizationReference,
    },
  ];
}

/** The one that the Appointment refers to. */
export const slotOf = ({ actor, time }: Expected, day: string): Slot =>
  slotAt(actor.reference ?? '', instantOn(day, time));

/** A day to come: all are booked. */
export const appointmentsAhead = (day: string): Appointment[] =>
  expectedOn(day).map((one) => appointmentOf({ ...one, appointment: 'booked' }, day));
