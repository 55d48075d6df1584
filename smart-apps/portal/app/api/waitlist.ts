/** A place on the clinic's waitlist (fhir-server/docs/scheduling.md#waitlist). */
import type { Appointment, Schedule } from '@medplum/fhirtypes';
import { operate } from './appointments.ts';
import { portalApi } from './portal-api.ts';

export interface WaitlistWanted {
  readonly patientId: string;
  /** With whom; with anybody when there are none. */
  readonly actors: Schedule['actor'];
  readonly reason: string;
  /** Days of the user's time zone; the last one counts. */
  readonly from: string;
  readonly until: string;
}

/** By the clock of this machine. */
const instantOf = (day: string, time: string): string => new Date(`${day}T${time}`).toISOString();

const wishOf = ({ patientId, actors, reason, from, until }: WaitlistWanted): Appointment => ({
  resourceType: 'Appointment',
  status: 'waitlist',
  description: reason,
  requestedPeriod: [{ start: instantOf(from, '00:00:00'), end: instantOf(until, '23:59:59') }],
  participant: [
    { actor: { reference: `Patient/${patientId}` }, status: 'accepted' },
    ...actors.map((actor) => ({ actor, status: 'needs-action' as const })),
  ],
});

const waitlistApi = portalApi.injectEndpoints({
  endpoints: (build) => ({
    wait: build.mutation<Appointment, WaitlistWanted>({
      query: (wanted) => () =>
        operate('Appointment/$waitlist', [{ name: 'appt-resource', resource: wishOf(wanted) }]),
      invalidatesTags: ['Appointments'],
    }),
  }),
});

export const { useWaitMutation } = waitlistApi;
