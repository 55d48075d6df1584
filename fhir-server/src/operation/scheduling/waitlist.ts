/** `$waitlist`: an Appointment without a time yet, for whom, with whom and when it would suit. Not of the standard, which has the status alone. */
import { randomUUID } from 'node:crypto';
import type { Appointment, AppointmentParticipant, Period } from '@medplum/fhirtypes';
import { badRequest } from '../../fhir/outcome.ts';
import {
  type Answer,
  checkProfiles,
  checkResource,
  commitWrites,
  holdConditions,
  inWriteTransaction,
  type Operation,
  type OperationCall,
  type PlannedWrite,
  type Request,
} from '../../interaction/index.ts';
import { OperationInput } from '../operation-input.ts';
import { appointmentAnswer } from './appointment-answer.ts';
import { bookerOf } from './booking-rights.ts';
import { aboutOf, attendees } from './compose-appointment.ts';
import { checkWaits } from './waiting-limits.ts';

const PERIODS_MAX = 10;
const WANTED_MAX = 20;
/** With whom, where, and for what. */
const WANTED = /^(Practitioner|PractitionerRole|Location|HealthcareService|Device)\/[A-Za-z0-9.-]{1,64}$/;

export const waitlist: Operation = {
  name: '$waitlist',
  at: [{ level: 'type', resourceType: 'Appointment' }],
  affectsState: true,
  definition: 'https://dr-assistant.example/fhir/OperationDefinition/Appointment-waitlist',
  run,
};

async function run(request: Request, call: OperationCall): Promise<Answer> {
  const input = new OperationInput(request.server, call, { 'appt-resource': 'resource' });
  const given = input.resource<Appointment>('appt-resource', 'Appointment');
  if (given === undefined) throw badRequest('The parameter appt-resource is required', 'appt-resource');
  const booker = bookerOf(request, 'create');
  checkPeriods(given.requestedPeriod, Date.now());
  const people = attendees(booker, given).filter((one) => !isWanted(one));
  const wanted = wantedOf(given);
  const composed: Appointment = {
    resourceType: 'Appointment',
    ...aboutOf(given),
    ...(given.minutesDuration !== undefined && { minutesDuration: given.minutesDuration }),
    status: 'waitlist',
    created: new Date().toISOString(),
    participant: [...people, ...wanted],
  };
  const resource = checkResource(request.server, composed, 'Appointment');
  await checkProfiles(request.server, resource);
  const id = randomUUID();
  const actors = people.flatMap(({ actor }) => actor?.reference ?? []);
  const content = await inWriteTransaction(request, ['Appointment'], async (client) => {
    const inside: Request = { ...booker.request, db: client };
    // Of several attempts at once none is counted before another is written.
    await holdConditions(client, actors.map((actor) => `booking of ${actor}`)); // prettier-ignore
    await checkWaits(inside, actors);
    const planned: PlannedWrite = { interaction: 'create', resourceType: 'Appointment', id, resource };
    const [done] = await commitWrites(inside, client, [planned]);
    return done!.version.content;
  });
  return appointmentAnswer(request, [{ id, content }]);
}

const isWanted = ({ actor }: AppointmentParticipant): boolean => WANTED.test(actor?.reference ?? '');

function wantedOf({ participant }: Appointment): AppointmentParticipant[] {
  const wanted = new Map(participant.filter(isWanted).map(({ actor }) => [actor?.reference, actor] as const));
  if (wanted.size > WANTED_MAX)
    throw badRequest(`At most ${WANTED_MAX} may be wanted`, 'Appointment.participant');
  return [...wanted.values()].map((actor) => ({
    ...(actor && { actor }),
    required: 'required',
    status: 'needs-action',
  }));
}

/** Throws 400 without a period, for one without an end, and when all of them are over. */
function checkPeriods(periods: readonly Period[] = [], now: number): void {
  const place = 'Appointment.requestedPeriod';
  if (periods.length === 0 || periods.length > PERIODS_MAX)
    throw badRequest(`From 1 to ${PERIODS_MAX} requestedPeriods are expected`, place);
  for (const [i, { start = '', end = '' }] of periods.entries())
    if (!(Date.parse(start) < Date.parse(end)))
      throw badRequest('A requestedPeriod has a start and a later end', `${place}[${i}]`);
  if (periods.every(({ end = '' }) => Date.parse(end) <= now))
    throw badRequest('The requestedPeriods are over', place);
}
