/**
 * `$hold` and `$book`: an Appointment in free Slots, for a while or for good, made or confirmed; a move cancels the former one in
 * the same transaction. Of the Argonaut Scheduling guide. https://fhir.org/guides/argonaut/scheduling/
 */
import { randomUUID } from 'node:crypto';
import type { Appointment } from '@medplum/fhirtypes';
import type { PoolClient } from '../../db/index.ts';
import { badRequest, conflict } from '../../fhir/outcome.ts';
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
import { cancelationReason, slotIds, takenSlots } from '../../scheduling/index.ts';
import { localReference } from '../../search/index.ts';
import { OperationInput } from '../operation-input.ts';
import { appointmentAnswer } from './appointment-answer.ts';
import { attendees, composeAppointment } from './compose-appointment.ts';
import { type Booker, bookerOf, checkOwn } from './booking-rights.ts';
import { busyTimes, isAlone, overlaps } from './busy.ts';
import { cancellation, checkCancellable } from './cancel.ts';
import { lockAppointments, updateOf } from './lock-appointments.ts';
import { offeredTime, type OfferedTime } from './offered-time.ts';
import { checkHolds } from './waiting-limits.ts';

const PARAMETERS = { 'appt-resource': 'resource', 'appt-id': 'text', 'cancelled-appt-id': 'text' } as const;
const GUIDE = 'http://fhir.org/guides/argonaut-scheduling/OperationDefinition';
const AT = [
  { level: 'type', resourceType: 'Appointment' },
  { level: 'instance', resourceType: 'Appointment' },
] as const;

export const book: Operation = {
  name: '$book',
  at: AT,
  affectsState: true,
  definition: `${GUIDE}/appointment-book`,
  run: (request, call) => run(request, call, 'booked'),
};

export const hold: Operation = {
  name: '$hold',
  at: AT,
  affectsState: true,
  definition: `${GUIDE}/appointment-hold`,
  run: (request, call) => run(request, call, 'pending'),
};

interface Wish {
  readonly booker: Booker;
  readonly status: 'pending' | 'booked';
  readonly given: Appointment | undefined;
  /** Of the Appointment that becomes booked. */
  readonly id: string | undefined;
  /** Of the one that is moved. */
  readonly movedId: string | undefined;
}

async function run(request: Request, call: OperationCall, status: Wish['status']): Promise<Answer> {
  const input = new OperationInput(request.server, call, PARAMETERS);
  const given = input.resource<Appointment>('appt-resource', 'Appointment');
  const id = call.id ?? ownId(request, input.text('appt-id'), 'appt-id');
  const movedId = ownId(request, input.text('cancelled-appt-id'), 'cancelled-appt-id');
  const booker = bookerOf(request, id === undefined ? 'create' : 'update');
  if (movedId !== undefined) bookerOf(request, 'update');
  const wish: Wish = { booker, status, given, id, movedId };
  const { content, id: written } = await inWriteTransaction(request, ['Appointment', 'Slot'], (client) =>
    write(wish, client),
  );
  return appointmentAnswer(request, [{ id: written, content }]);
}

/** Throws 400 for what is no Appointment of this server. */
function ownId({ server }: Request, reference: string | undefined, place: string): string | undefined {
  if (reference === undefined) return undefined;
  const local = localReference(reference, server.config.fhirBase);
  if (local?.type === 'Appointment') return local.id;
  if (/^[A-Za-z0-9.-]{1,64}$/.test(reference)) return reference;
  throw badRequest('An Appointment of this server is expected', place);
}

async function write(wish: Wish, client: PoolClient): Promise<{ id: string; content: string }> {
  const { booker, status, given, id, movedId } = wish;
  const request: Request = { ...booker.request, db: client };
  const { config } = request.server;
  const locked = await lockAppointments(
    request,
    client,
    [id, movedId].filter((one) => one !== undefined),
  );
  const before = id === undefined ? undefined : locked.get(id);
  if (before) checkConfirmable(booker, before.stored);
  const moved = movedId === undefined ? undefined : locked.get(movedId);
  if (moved) checkCancellable(booker, moved.stored);
  const wanted = slotIds(given?.slot === undefined ? (before?.stored ?? {}) : given, config.fhirBase);
  const time = await offeredTime(request, wanted);
  const others = attendees(booker, given?.participant === undefined ? before?.stored : given);
  const alone = [...time.actors, ...others.flatMap(({ actor }) => actor ?? [])]
    .map(({ reference = '' }) => reference)
    .filter(isAlone);
  // Who books one of them waits for who does so at the moment.
  await holdConditions(client, alone.map((actor) => `booking of ${actor}`)); // prettier-ignore
  await checkFree(request, time, alone, [id, movedId]);
  if (status === 'pending') await checkHolds(request, alone, [id, movedId]);
  if (moved) await commitWrites(request, client, [cancellation(moved, cancelationReason('moved'))]);
  const heldUntil = status === 'pending' ? new Date(Date.now() + config.scheduling.holdMs) : undefined;
  const composed = composeAppointment({
    given,
    before: before?.shown,
    time,
    attendees: others,
    status,
    ...(heldUntil && { heldUntil }),
  });
  const resource = checkResource(request.server, composed, 'Appointment');
  await checkProfiles(request.server, resource);
  const planned: PlannedWrite =
    id === undefined
      ? { interaction: 'create', resourceType: 'Appointment', id: randomUUID(), resource }
      : updateOf(id, resource as Appointment);
  const [done] = await commitWrites(request, client, [planned]);
  return { id: planned.id, content: done!.version.content };
}

/** Throws 409 for one that is booked or over, and to a patient for one that is of others too. */
function checkConfirmable(booker: Booker, appointment: Appointment): void {
  const { status, id } = appointment;
  if (status !== 'pending' && status !== 'proposed' && status !== 'waitlist')
    throw conflict(`Appointment/${id} is ${status}`, 'Appointment.status');
  checkOwn(booker, appointment);
}

/** Throws 409 where a Slot is not free, or someone who is needed has another Appointment. `own`: those that take part in the booking. */
async function checkFree(
  request: Request,
  { slots, start, end }: OfferedTime,
  alone: readonly string[],
  own: readonly (string | undefined)[],
): Promise<void> {
  const taken = await takenSlots(request.db, slots.map(({ id = '' }) => id)); // prettier-ignore
  for (const { id = '', status } of slots) {
    const holder = taken.get(id);
    if (holder !== undefined && own.includes(holder)) continue;
    if (holder !== undefined) throw conflict(`Slot/${id} is taken`, 'Appointment.slot');
    // What is busy-tentative and nobody has was held for too long.
    if (status !== 'free' && status !== 'busy-tentative')
      throw conflict(`Slot/${id} is ${status}`, 'Appointment.slot');
  }
  const [from, to] = [Date.parse(start), Date.parse(end)];
  const busy = (await busyTimes(request, alone, from, to)).find(
    (one) => !own.includes(one.appointmentId) && overlaps(one, from, to),
  );
  if (busy) throw conflict(`${busy.actor} has another appointment at this time`, 'Appointment.participant');
}
