/** When there is somebody. */
import type { Extension, Schedule } from '@medplum/fhirtypes';
import { doctorReference, nurseReference, physicianReference } from './clinic.ts';
import { timeZone } from './day.ts';

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri'];

/** @param actor `Practitioner/demo-doctor` */
export const scheduleIdOf = (actor: string): string => `${actor.split('/')[1]}-times`;

/** The weeks of the physicians and the nurse, by the clocks of this machine; the bot `timetable` makes Slots of them. */
export function schedules(): Schedule[] {
  return [doctorReference, physicianReference, nurseReference].map((actor) => ({
    resourceType: 'Schedule' as const,
    id: scheduleIdOf(actor.reference),
    active: true,
    specialty: [familyPractice],
    actor: [actor],
    extension: [
      {
        url: 'https://dr-assistant.example/fhir/StructureDefinition/schedule-recurrence',
        extension: [
          { url: 'timeZone', valueCode: timeZone() },
          { url: 'minutesDuration', valuePositiveInt: 20 },
          availableTime('09:00:00', '12:00:00'),
          availableTime('13:00:00', '17:00:00'),
        ],
      },
    ],
  }));
}

export const familyPractice = {
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
