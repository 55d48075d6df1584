/** When there is somebody, and a day's list: an Appointment and a planned Encounter for each patient who is expected. */
import type { Appointment, Encounter, Extension, Schedule } from '@medplum/fhirtypes';
import { doctorReference, nurseReference, organizationReference } from './clinic.ts';
import { actCode } from './coding.ts';
import { people } from './people.ts';
import { patientReference } from './record.ts';

/** The Appointments for a day given as `2026-11-23` (UTC), with ids of their own, so that days do not overwrite each other. */
export function appointments(day: string): Appointment[] {
  return people.flatMap((person) => {
    if (person.today === undefined) return [];
    const [time, reason] = person.today;
    const start = startOn(day, time);
    const end = new Date(Date.parse(start) + 20 * 60_000).toISOString().replace('.000Z', 'Z');
    return [
      {
        resourceType: 'Appointment' as const,
        id: `${person.id}-${day}`,
        status: 'booked' as const,
        description: reason,
        start,
        end,
        minutesDuration: 20,
        participant: [
          { actor: patientReference(person), status: 'accepted' as const },
          { actor: doctorReference, status: 'accepted' as const },
        ],
      },
    ];
  });
}

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri'];

/** The weeks of the doctor and the nurse, by the clocks of this machine; the bot `timetable` makes Slots of them. */
export function schedules(): Schedule[] {
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return [doctorReference, nurseReference].map((actor) => ({
    resourceType: 'Schedule' as const,
    id: `${actor.reference.split('/')[1]}-times`,
    active: true,
    specialty: [familyPractice],
    actor: [actor],
    extension: [
      {
        url: 'https://dr-assistant.example/fhir/StructureDefinition/schedule-recurrence',
        extension: [
          { url: 'timeZone', valueCode: timeZone },
          { url: 'minutesDuration', valuePositiveInt: 20 },
          availableTime('09:00:00', '12:00:00'),
          availableTime('13:00:00', '17:00:00'),
        ],
      },
    ],
  }));
}

const familyPractice = {
  coding: [{ system: 'http://snomed.info/sct', code: '419772000', display: 'Family practice' }],
  text: 'Family medicine',
};

const availableTime = (start: string, end: string): Extension => ({
  url: 'availableTime',
  extension: [
    ...WEEKDAYS.map((valueCode) => ({ url: 'daysOfWeek', valueCode })),
    { url: 'start', valueTime: start },
    { url: 'end', valueTime: end },
  ],
});

const startOn = (day: string, time: string): string => `${day}T${time}:00Z`;

/** The planned Encounters of that day, one per Appointment. */
export function encounters(day: string): Encounter[] {
  return people.flatMap((person) => {
    if (person.today === undefined) return [];
    const [time, reason] = person.today;
    return [
      {
        resourceType: 'Encounter' as const,
        id: `${person.id}-${day}`,
        status: 'planned' as const,
        class: actCode,
        subject: patientReference(person),
        participant: [{ individual: doctorReference }],
        appointment: [{ reference: `Appointment/${person.id}-${day}` }],
        period: { start: startOn(day, time) },
        reasonCode: [{ text: reason }],
        serviceProvider: organizationReference,
      },
    ];
  });
}
