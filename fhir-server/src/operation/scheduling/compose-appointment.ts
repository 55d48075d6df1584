/** The Appointment that a booking makes: time and people of the Slots, what it is about of the caller. */
import type { Appointment, AppointmentParticipant } from '@medplum/fhirtypes';
import { badRequest, forbidden } from '../../fhir/outcome.ts';
import { HELD_UNTIL } from '../../scheduling/index.ts';
import type { Booker } from './booking-rights.ts';
import type { OfferedTime } from './offered-time.ts';

const MINUTE_MS = 60_000;

/** What the caller says of it. */
const OWN = [
  'identifier',
  'appointmentType',
  'serviceCategory',
  'serviceType',
  'specialty',
  'reasonCode',
  'reasonReference',
  'priority',
  'description',
  'supportingInformation',
  'comment',
  'requestedPeriod',
  'basedOn',
] as const satisfies readonly (keyof Appointment)[];

export const aboutOf = (given: Appointment | undefined): Partial<Appointment> =>
  Object.fromEntries(
    OWN.flatMap((name) => (given?.[name] === undefined ? [] : [[name, given[name]] as const])),
  );

/** The participants whom nobody's Schedule has. Throws 400 without a Patient, and 403 where a patient books for another. */
export function attendees(
  { isPatient, request }: Booker,
  given: Pick<Appointment, 'participant'> | undefined,
): AppointmentParticipant[] {
  const own = request.principal.fhirUser ?? '';
  const named = (given?.participant ?? []).filter(({ actor }) => actor?.reference !== undefined);
  const isPerson = ({ actor }: AppointmentParticipant): boolean =>
    /(^|\/)(Patient|RelatedPerson)\//.test(actor?.reference ?? '');
  if (isPatient) {
    if (named.some((one) => isPerson(one) && one.actor?.reference !== own))
      throw forbidden('You may book for yourself only', 'Appointment.participant');
    return [{ actor: { reference: own }, required: 'required', status: 'accepted' }];
  }
  if (!named.some(isPerson)) throw badRequest('A Patient must take part', 'Appointment.participant');
  return named.map((one) => ({ ...one, status: isPerson(one) ? 'accepted' : one.status }));
}

export interface Composition {
  readonly given: Appointment | undefined;
  /** The Appointment that becomes booked, when there is one. */
  readonly before: Appointment | undefined;
  readonly time: OfferedTime;
  readonly attendees: readonly AppointmentParticipant[];
  readonly status: 'pending' | 'booked';
  /** Of one that is only held. */
  readonly heldUntil?: Date;
}

export function composeAppointment(of: Composition): Appointment {
  const { given, before, time, status, heldUntil } = of;
  const { slots, schedules, start, end, actors } = time;
  checkTime(given, time);
  const from = (name: 'serviceCategory' | 'serviceType' | 'specialty'): Partial<Appointment> => {
    const offered = [slots[0]?.[name], schedules[0]?.[name]].find((list) => (list?.length ?? 0) > 0);
    return offered === undefined ? {} : { [name]: offered };
  };
  const others = of.attendees.filter(({ actor }) => !actors.some((a) => a.reference === actor?.reference));
  const { extension: former = [], ...kept } = before ?? { participant: [] };
  const extension = [
    ...former.filter(({ url }) => url !== HELD_UNTIL),
    ...(heldUntil === undefined ? [] : [{ url: HELD_UNTIL, valueInstant: heldUntil.toISOString() }]),
  ];
  return {
    ...kept,
    ...from('serviceCategory'),
    ...from('serviceType'),
    ...from('specialty'),
    ...aboutOf(given),
    resourceType: 'Appointment',
    ...(extension.length > 0 && { extension }),
    status,
    start,
    end,
    minutesDuration: Math.round((Date.parse(end) - Date.parse(start)) / MINUTE_MS),
    slot: slots.map(({ id }) => ({ reference: `Slot/${id}` })),
    created: before?.created ?? new Date().toISOString(),
    participant: [
      ...others,
      ...actors.map((actor): AppointmentParticipant => ({ actor, required: 'required', status: 'accepted' })),
    ],
  };
}

/** Throws 400 when the caller means another time than that of the Slots. */
function checkTime(given: Appointment | undefined, { start, end }: OfferedTime): void {
  for (const [name, own] of [
    ['start', start],
    ['end', end],
  ] as const) {
    const said = given?.[name];
    if (said !== undefined && Date.parse(said) !== Date.parse(own))
      throw badRequest(`The Slots have the ${name} ${own}`, `Appointment.${name}`);
  }
}
