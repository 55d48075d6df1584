/** How much of the clinic's time one patient may keep from others: times on hold, and places on the waitlist. */
import type { Appointment } from '@medplum/fhirtypes';
import { FhirError, issue } from '../../fhir/outcome.ts';
import type { Request } from '../../interaction/index.ts';
import { expiredAmong, heldUntil } from '../../scheduling/index.ts';
import { SCHEDULER } from './busy.ts';
import { searchAll } from './search-all.ts';

const APPOINTMENTS_MAX = 1_000;

/** Throws 409 where one of the actors is a Patient who has as many on hold as he may. `own`: those that take part in the booking. */
export async function checkHolds(
  request: Request,
  actors: readonly string[],
  own: readonly (string | undefined)[],
): Promise<void> {
  const { holdsMax } = request.server.config.scheduling;
  for (const patient of patientsAmong(actors)) {
    const pending = (await appointmentsOf(request, patient, 'pending')).filter((one) => heldUntil(one));
    const ids = pending.flatMap(({ id = '' }) => (own.includes(id) ? [] : [id]));
    const expired = await expiredAmong(request.db, ids);
    if (ids.length - expired.size >= holdsMax)
      throw tooMany(`${patient} has ${holdsMax} times on hold, and no more are; book or cancel one of them`);
  }
}

/** Throws 409 where one of the actors is a Patient who waits for as many as he may. */
export async function checkWaits(request: Request, actors: readonly string[]): Promise<void> {
  const { waitlistMax } = request.server.config.scheduling;
  for (const patient of patientsAmong(actors)) {
    const waiting = await appointmentsOf(request, patient, 'waitlist');
    if (waiting.length >= waitlistMax)
      throw tooMany(
        `${patient} is on the waitlist ${waitlistMax} times, and no more are; cancel one of them`,
      );
  }
}

const patientsAmong = (actors: readonly string[]): string[] =>
  actors.filter((actor) => actor.startsWith('Patient/'));

const tooMany = (diagnostics: string): FhirError =>
  new FhirError(409, [issue('business-rule', diagnostics, 'Appointment.status')]);

/** Also those that the caller does not see. */
const appointmentsOf = (
  { server, db }: Request,
  patient: string,
  status: Appointment['status'],
): Promise<Appointment[]> =>
  searchAll<Appointment>(
    { server, db, principal: SCHEDULER },
    'Appointment',
    [
      ['patient', patient],
      ['status', status],
    ],
    APPOINTMENTS_MAX,
  );
