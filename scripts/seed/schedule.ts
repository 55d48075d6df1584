/** Today's list: an Appointment and a planned Encounter for each patient who is expected. */
import type { Appointment, Encounter } from '@medplum/fhirtypes';
import { doctorReference, organizationReference } from './clinic.ts';
import { actCode } from './coding.ts';
import { people } from './people.ts';
import { patientReference } from './record.ts';

/** Resources for a day given as `2026-11-23` (UTC), with ids of their own, so that days do not overwrite each other. */
export function schedule(day: string): (Appointment | Encounter)[] {
  return people.flatMap((person) => {
    if (person.today === undefined) return [];
    const [time, reason] = person.today;
    const start = `${day}T${time}:00Z`;
    const end = new Date(Date.parse(start) + 20 * 60_000).toISOString().replace('.000Z', 'Z');
    const appointment: Appointment = {
      resourceType: 'Appointment',
      id: `${person.id}-${day}`,
      status: 'booked',
      description: reason,
      start,
      end,
      minutesDuration: 20,
      participant: [
        { actor: patientReference(person), status: 'accepted' },
        { actor: doctorReference, status: 'accepted' },
      ],
    };
    const encounter: Encounter = {
      resourceType: 'Encounter',
      id: `${person.id}-${day}`,
      status: 'planned',
      class: actCode,
      subject: patientReference(person),
      participant: [{ individual: doctorReference }],
      appointment: [{ reference: `Appointment/${appointment.id ?? ''}` }],
      period: { start },
      reasonCode: [{ text: reason }],
      serviceProvider: organizationReference,
    };
    return [appointment, encounter];
  });
}
