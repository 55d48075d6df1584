/** `$cancel`: an Appointment is called off, and its Slots are free. Not of the standard, which leaves it to an update of the status. */
import type { Appointment, CodeableConcept } from '@medplum/fhirtypes';
import { conflict } from '../../fhir/outcome.ts';
import {
  type Answer,
  commitWrites,
  inWriteTransaction,
  type Operation,
  type OperationCall,
  type PlannedWrite,
  type Request,
} from '../../interaction/index.ts';
import { OperationInput } from '../operation-input.ts';
import { appointmentAnswer } from './appointment-answer.ts';
import { type Booker, bookerOf, checkOwn } from './booking-rights.ts';
import { lockAppointments, type LockedAppointment, updateOf } from './lock-appointments.ts';

const AHEAD: ReadonlySet<Appointment['status']> = new Set(['proposed', 'pending', 'booked', 'waitlist']);

export const cancel: Operation = {
  name: '$cancel',
  at: [{ level: 'instance', resourceType: 'Appointment' }],
  affectsState: true,
  definition: 'https://dr-assistant.example/fhir/OperationDefinition/Appointment-cancel',
  run,
};

async function run(request: Request, call: OperationCall): Promise<Answer> {
  const input = new OperationInput(request.server, call, { reason: 'CodeableConcept' });
  const reason = input.codeableConcept('reason');
  const booker = bookerOf(request, 'update');
  const id = call.id ?? '';
  const content = await inWriteTransaction(request, ['Appointment'], async (client) => {
    const inside: Request = { ...booker.request, db: client };
    const before = (await lockAppointments(inside, client, [id])).get(id)!;
    checkCancellable(booker, before.stored);
    const [done] = await commitWrites(inside, client, [cancellation(before, reason)]);
    return done!.version.content;
  });
  return appointmentAnswer(request, [{ id, content }]);
}

export const cancellation = (
  { id, shown }: LockedAppointment,
  reason: CodeableConcept | undefined,
): PlannedWrite =>
  updateOf(id, { ...shown, status: 'cancelled', ...(reason && { cancelationReason: reason }) });

/** Throws 409 for one that is over, and to a patient for one whose time has come, or that is of others too. */
export function checkCancellable(booker: Booker, appointment: Appointment): void {
  const { id, status, start } = appointment;
  if (!AHEAD.has(status)) throw conflict(`Appointment/${id} is ${status}`, 'Appointment.status');
  checkOwn(booker, appointment);
  if (booker.isPatient && start !== undefined && Date.parse(start) <= Date.now())
    throw conflict(`Appointment/${id} has begun; call the clinic`, 'Appointment.start');
}
