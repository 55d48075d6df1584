/** `$cancel`: an Appointment is called off, and its Slots are free. Not of the standard, which leaves it to an update of the status. */
import type { Appointment, CodeableConcept } from '@medplum/fhirtypes';
import { conflict } from '../../fhir/outcome.ts';
import {
  type Answer,
  commitWrites,
  inWriteTransaction,
  type Operation,
  type OperationCall,
  permit,
  type Request,
  unknownResource,
} from '../../interaction/index.ts';
import { lockVersions } from '../../storage/index.ts';
import { OperationInput } from '../operation-input.ts';
import { appointmentAnswer } from './appointment-answer.ts';
import { type Booker, bookerOf, checkOwn } from './booking-rights.ts';

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
    const right = permit(inside, 'update', 'Appointment');
    const { registry } = request.server;
    const locked = await lockVersions(client, registry, 'Appointment', [id], right, { withContent: true });
    const version = locked.get(id);
    if (version?.permitted !== true || version.deleted || version.content === undefined)
      throw unknownResource('Appointment', id);
    const before = checkCancellable(booker, JSON.parse(version.content) as Appointment);
    const resource = cancelled(before, reason);
    const write = { interaction: 'update', resourceType: 'Appointment', id, resource } as const;
    const [done] = await commitWrites(inside, client, [write]);
    return done!.version.content;
  });
  return appointmentAnswer(request, [{ id, content }]);
}

const cancelled = (appointment: Appointment, reason: CodeableConcept | undefined): Appointment => ({
  ...appointment,
  status: 'cancelled',
  ...(reason && { cancelationReason: reason }),
});

/** Throws 409 for one that is over, and to a patient for one whose time has come, or that is of others too. */
export function checkCancellable(booker: Booker, appointment: Appointment): Appointment {
  const { id, status, start } = appointment;
  if (!AHEAD.has(status)) throw conflict(`Appointment/${id} is ${status}`, 'Appointment.status');
  checkOwn(booker, appointment);
  if (booker.isPatient && start !== undefined && Date.parse(start) <= Date.now())
    throw conflict(`Appointment/${id} has begun; call the clinic`, 'Appointment.start');
  return appointment;
}
