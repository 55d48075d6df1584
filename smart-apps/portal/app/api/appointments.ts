/** The patient's appointments, and those that can be had, by the operations of scheduling (fhir-server/docs/scheduling.md). */
import type { Appointment, Bundle, CodeableConcept, Reference, Resource, Schedule } from '@medplum/fhirtypes';
import { nameOf } from '@dr-assistant/ui/format';
import type { Words } from '@dr-assistant/ui/i18n';
import { ApiError, callJson, matchesOf, nextPageOf } from '@dr-assistant/ui/session';
import { portalApi } from './portal-api.ts';

/** Whom or what one can have an appointment with. */
export interface Calendar {
  /** `Schedule/1` */
  readonly reference: string;
  /** Its actors: `Dr. Ana Novak`. */
  readonly name: string;
  readonly about: string;
  readonly actors: Schedule['actor'];
}

export interface TimesWanted {
  readonly patientId: string;
  /** `Schedule/1`; of whoever is free when left out. */
  readonly schedule?: string;
  /** Days of the user's time zone; the last one counts. */
  readonly start: string;
  readonly end: string;
  readonly timeZone: string;
}

export interface FreeTimes {
  readonly proposals: readonly Appointment[];
  /** Whether the server has more than it told. */
  readonly isCut: boolean;
}

const TIMES_MAX = 500;

/** A person without a name has none in any language. */
const WORDLESS: Words = { language: 'en', t: () => '' };

/** What a resource is called by itself. */
function titleOf(resource: Resource): string | undefined {
  const { name } = resource as { name?: unknown };
  if (typeof name === 'string') return name;
  return Array.isArray(name) ? nameOf({ name }, WORDLESS) || undefined : undefined;
}

/** Names of those whom a search included, by reference. */
export function includedNames(bundle: Bundle): ReadonlyMap<string, string> {
  return new Map(
    (bundle.entry ?? []).flatMap(({ resource, search }) => {
      const title = resource && search?.mode === 'include' ? titleOf(resource) : undefined;
      return title === undefined ? [] : [[`${resource?.resourceType}/${resource?.id ?? ''}`, title] as const];
    }),
  );
}

const named = <R extends Pick<Reference, 'reference' | 'display'>>(
  reference: R,
  names: ReadonlyMap<string, string>,
): R => {
  const display = reference.display ?? names.get(reference.reference ?? '');
  return display === undefined ? reference : { ...reference, display };
};

/** All pages of a search, with the names of whom they include. */
async function searchAll<T extends Resource>(search: string, signal: AbortSignal) {
  const found: T[] = [];
  const names = new Map<string, string>();
  for (let url: string | undefined = search; url !== undefined;) {
    const bundle: Bundle = await callJson<Bundle>(url, undefined, signal);
    found.push(...matchesOf<T>(bundle));
    for (const [reference, name] of includedNames(bundle)) names.set(reference, name);
    url = nextPageOf(bundle);
  }
  return { found, names };
}

async function loadAppointments(patientId: string, signal: AbortSignal): Promise<Appointment[]> {
  const includes = ['practitioner', 'location'].map((name) => `_include=Appointment:${name}`).join('&');
  const search = `Appointment?patient=${patientId}&_sort=-date&_count=100&${includes}`;
  const { found, names } = await searchAll<Appointment>(search, signal);
  return found.map((appointment) => ({
    ...appointment,
    participant: appointment.participant.map((p) => (p.actor ? { ...p, actor: named(p.actor, names) } : p)),
  }));
}

async function loadCalendars(signal: AbortSignal): Promise<Calendar[]> {
  const search = 'Schedule?active=true&_include=Schedule:actor&_count=200';
  const { found, names } = await searchAll<Schedule>(search, signal);
  return found.map(({ id, actor, specialty, serviceType }) => ({
    reference: `Schedule/${id ?? ''}`,
    name: actor.flatMap((a) => named(a, names).display ?? []).join(', '),
    about: [...(serviceType ?? []), ...(specialty ?? [])]
      .flatMap((c) => c.text ?? c.coding?.[0]?.display ?? [])
      .join(', '),
    actors: actor,
  }));
}

async function findTimes(wanted: TimesWanted, signal: AbortSignal): Promise<FreeTimes> {
  const query = new URLSearchParams({
    start: wanted.start,
    end: wanted.end,
    'time-zone': wanted.timeZone,
    'patient-reference': `Patient/${wanted.patientId}`,
    _count: String(TIMES_MAX),
    ...(wanted.schedule === undefined ? {} : { schedule: wanted.schedule }),
  });
  const bundle = await callJson<Bundle>(`Appointment/$find?${query}`, undefined, signal);
  const isCut = bundle.entry?.some(({ resource }) => resource?.resourceType === 'OperationOutcome') === true;
  return { proposals: matchesOf<Appointment>(bundle), isCut };
}

export async function operate(path: string, parameter: object[]): Promise<Appointment> {
  const resource = { resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) };
  const bundle = await callJson<Bundle<Appointment>>(path, { method: 'POST', resource });
  const [appointment] = matchesOf<Appointment>(bundle);
  if (appointment === undefined) throw new Error('The server answered without an appointment.');
  return appointment;
}

/** `too-many-holds`, where the patient keeps as many times as he may. */
async function hold(wish: Appointment): Promise<Appointment> {
  try {
    return await operate('Appointment/$hold', [{ name: 'appt-resource', resource: wish }]);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
    const { status, message, issues } = error;
    const isLimit = issues.some(({ places }) => places.includes('Appointment.status'));
    throw isLimit ? new ApiError(status, message, 'too-many-holds', issues) : error;
  }
}

/** What is sent of a proposal: the Slots, for whom, and why. The server takes the rest from the Slots. */
const wishOf = (proposal: Appointment, patientId: string, reason: string): Appointment => ({
  resourceType: 'Appointment',
  status: 'proposed',
  ...(proposal.slot && { slot: proposal.slot }),
  ...(reason !== '' && { description: reason }),
  participant: [{ actor: { reference: `Patient/${patientId}` }, status: 'accepted' }],
});

export const appointmentsApi = portalApi.injectEndpoints({
  endpoints: (build) => ({
    appointments: build.query<Appointment[], string>({
      query: (patientId) => (signal) => loadAppointments(patientId, signal),
      providesTags: ['Appointments'],
    }),
    calendars: build.query<Calendar[], undefined>({ query: () => (signal) => loadCalendars(signal) }),
    freeTimes: build.query<FreeTimes, TimesWanted>({
      query: (wanted) => (signal) => findTimes(wanted, signal),
      // What was free a moment ago may be taken.
      keepUnusedDataFor: 0,
      providesTags: ['Appointments'],
    }),
    hold: build.mutation<Appointment, { proposal: Appointment; patientId: string; reason: string }>({
      query:
        ({ proposal, patientId, reason }) =>
        () =>
          hold(wishOf(proposal, patientId, reason)),
    }),
    book: build.mutation<Appointment, { heldId: string; movedId?: string | undefined }>({
      query:
        ({ heldId, movedId }) =>
        () =>
          operate(
            `Appointment/${heldId}/$book`,
            movedId === undefined ? [] : [{ name: 'cancelled-appt-id', valueUri: `Appointment/${movedId}` }],
          ),
      invalidatesTags: ['Appointments'],
    }),
    cancel: build.mutation<Appointment, { id: string; reason: CodeableConcept }>({
      query:
        ({ id, reason }) =>
        () =>
          operate(`Appointment/${id}/$cancel`, [{ name: 'reason', valueCodeableConcept: reason }]),
      invalidatesTags: ['Appointments'],
    }),
  }),
});

export const {
  useAppointmentsQuery,
  useCalendarsQuery,
  useFreeTimesQuery,
  useHoldMutation,
  useBookMutation,
  useCancelMutation,
} = appointmentsApi;
