/** With which rights an Appointment is booked: those to write it, or those of a patient to book for himself. */
import type { Appointment } from '@medplum/fhirtypes';
import type { Interaction, Principal } from '../../access/index.ts';
import { conflict } from '../../fhir/outcome.ts';
import { permit, permitted, type Request } from '../../interaction/index.ts';

export interface Booker {
  /** Writes with the rights of the caller. */
  readonly request: Request;
  /** Whether he books only for himself, and only what is free. */
  readonly isPatient: boolean;
}

/** Throws 403 for who may neither write Appointments nor book his own. */
export function bookerOf(request: Request, interaction: Extract<Interaction, 'create' | 'update'>): Booker {
  if (permitted(request, interaction, 'Appointment') !== undefined) return { request, isPatient: false };
  const { principal } = request;
  if (principal.policy.booking !== true || principal.fhirUser?.startsWith('Patient/') !== true)
    permit(request, interaction, 'Appointment');
  const booking: Request = { ...request, principal: withBooking(principal) };
  // The scopes of the app limit him further.
  permit(booking, interaction, 'Appointment');
  return { request: booking, isPatient: true };
}

const withBooking = (principal: Principal): Principal => ({
  ...principal,
  policy: {
    ...principal.policy,
    rules: [
      ...principal.policy.rules,
      { resourceType: 'Appointment', interactions: ['create', 'update'], compartment: 'Patient' },
    ],
  },
});

/** What is of others too, a patient leaves to the clinic. Throws 409. */
export function checkOwn({ isPatient, request }: Booker, { id, participant }: Appointment): void {
  const own = request.principal.fhirUser;
  const isOfOthers = participant.some(({ actor }) => {
    const [type, name] = (actor?.reference ?? '').split('/').slice(-2);
    return type === 'Patient' && `Patient/${name}` !== own;
  });
  if (isPatient && isOfOthers)
    throw conflict(`Appointment/${id} is of other patients too; call the clinic`, 'Appointment.participant');
}
