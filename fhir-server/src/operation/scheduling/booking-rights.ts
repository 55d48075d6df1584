/** With which rights an Appointment is booked: those to write it, or those of a patient to book for himself. */
import type { Interaction, Principal } from '../../access/index.ts';
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
