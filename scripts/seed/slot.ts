/** The Slots of a day's list, under the ids that the bot `timetable` gives them: whoever comes first makes them, and the other finds them. */
import type { Slot } from '@medplum/fhirtypes';
import { derivedId } from '../../ai-bots/sdk/derived-id.ts';
import { minutesAfter } from './day.ts';
import { familyPractice, scheduleIdOf } from './schedule.ts';

/** @param actor `Practitioner/demo-doctor`; @param start an instant */
export function slotIdAt(actor: string, start: string): string {
  return derivedId('timetable', `${scheduleIdOf(actor)} ${new Date(start).toISOString()}`, 'slot');
}

/** Free: the Appointment takes it. */
export const slotAt = (actor: string, start: string): Slot => ({
  resourceType: 'Slot',
  id: slotIdAt(actor, start),
  specialty: [familyPractice],
  schedule: { reference: `Schedule/${scheduleIdOf(actor)}` },
  status: 'free',
  start,
  end: minutesAfter(start, 20),
});
