/** A day's list: an Appointment and a planned Encounter for each patient who is expected. */
import type { Appointment, Encounter } from '@medplum/fhirtypes';
import { doctorReference, organizationReference } from './clinic.ts';
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
