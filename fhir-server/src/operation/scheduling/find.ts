/** `Appointment/$find`: free times as proposed Appointments, which `$hold` and `$book` take. Of the Argonaut Scheduling guide. https://fhir.org/guides/argonaut/scheduling/OperationDefinition-appointment-find.html */
import type { Appointment, Bundle, OperationOutcome, Schedule, Slot } from '@medplum/fhirtypes';
import { badRequest } from '../../fhir/outcome.ts';
import type { Answer, Operation, OperationCall, Request } from '../../interaction/index.ts';
import { takenSlots } from '../../scheduling/index.ts';
import { localReference } from '../../search/index.ts';
import { OperationInput } from '../operation-input.ts';
import { type Busy, busyTimes, overlaps } from './busy.ts';
import { findSchedules } from './find-schedules.ts';
import { type Moment, parseMoment, zoneOf } from './moment.ts';
import { proposals, type Run } from './proposals.ts';
import { searchAll } from './search-all.ts';

const COUNT = 50;
/** Slots that one request looks at. */
const SLOTS_MAX = 2_000;
const MINUTES_MAX = 1_440;

export const find: Operation = {
  name: '$find',
  at: [{ level: 'type', resourceType: 'Appointment' }],
  affectsState: false,
  definition: 'http://fhir.org/guides/argonaut-scheduling/OperationDefinition/appointment-find',
  run,
};

const PARAMETERS = {
  start: 'text',
  end: 'text',
  'time-zone': 'text',
  schedule: 'text*',
  practitioner: 'text*',
  organization: 'text*',
  'location-reference': 'text*',
  specialty: 'text*',
  'visit-type': 'text*',
  'patient-reference': 'text*',
  minutes: 'whole',
  _count: 'whole',
} as const;

async function run(request: Request, call: OperationCall): Promise<Answer> {
  const { config } = request.server;
  const input = new OperationInput(request.server, call, PARAMETERS);
  const zone = zoneOf(input.text('time-zone') ?? config.scheduling.timeZone);
  const moment = (name: 'start' | 'end'): Moment => {
    const text = input.text(name);
    if (text === undefined) throw badRequest(`Parameter ${name}: when is to be looked for?`, name);
    return parseMoment(text, zone, name);
  };
  // What has begun is booked no more.
  const from = Math.max(moment('start').from, Date.now());
  const to = moment('end').to;
  const minutes = input.whole('minutes') ?? 0;
  if (minutes > MINUTES_MAX) throw badRequest(`Parameter minutes: at most ${MINUTES_MAX}`, 'minutes');
  const count = Math.min(input.whole('_count') ?? COUNT, config.pageSizeMax);
  const schedules = await findSchedules(request, input);
  const slots = to <= from ? [] : await freeSlots(request, schedules, from, to);
  const wanted = { service: input.texts('visit-type'), specialty: input.texts('specialty') };
  const runs = proposals(slots, schedules, { minutes, to, ...wanted, base: config.fhirBase });
  const patients = input.texts('patient-reference');
  const free = await whereAllAreFree(request, runs, patients, from, to);
  return answer(free.slice(0, count), {
    isMore: free.length > count || slots.length === SLOTS_MAX,
    patients,
  });
}

/** The next ones by time, as the caller sees them; without those that an Appointment has though they say to be free. */
async function freeSlots(
  request: Request,
  schedules: readonly Schedule[],
  from: number,
  to: number,
): Promise<Slot[]> {
  if (schedules.length === 0) return [];
  const slots = await searchAll<Slot>(
    request,
    'Slot',
    [
      ['schedule', schedules.map(({ id }) => `Schedule/${id}`).join(',')],
      ['status', 'free'],
      ['start', `ge${new Date(from).toISOString()}`],
      ['start', `lt${new Date(to).toISOString()}`],
      ['_sort', 'start'],
    ],
    SLOTS_MAX,
  );
  const taken = await takenSlots(request.db, slots.map(({ id = '' }) => id)); // prettier-ignore
  return slots.filter(({ id = '' }) => !taken.has(id));
}

async function whereAllAreFree(
  request: Request,
  runs: readonly Run[],
  patients: readonly string[],
  from: number,
  to: number,
): Promise<Run[]> {
  const base = request.server.config.fhirBase;
  const own = patients.map((reference) => {
    const local = localReference(reference, base);
    if (local?.type !== 'Patient')
      throw badRequest('A Patient of this server is expected', 'patient-reference');
    return `Patient/${local.id}`;
  });
  const actors = runs.flatMap(({ actors: of }) => of.map(({ reference = '' }) => reference));
  const busy = await busyTimes(request, [...new Set([...actors, ...own])], from, to);
  const byActor: ReadonlyMap<string, Busy[]> = Map.groupBy(busy, (one) => one.actor);
  const isFree = (actor: string, { start, end }: Run): boolean =>
    byActor.get(actor)?.some((one) => overlaps(one, start, end)) !== true;
  return runs.filter((one) =>
    [...one.actors.map(({ reference = '' }) => reference), ...own].every((actor) => isFree(actor, one)),
  );
}

function answer(
  runs: readonly Run[],
  { isMore, patients }: { readonly isMore: boolean; readonly patients: readonly string[] },
): Answer {
  const resources = runs.map((one) => ({ resource: toAppointment(one, patients), search: { mode: 'match' as const } })); // prettier-ignore
  const diagnostics = 'There are more; ask for a shorter time, or from the last start on.';
  const outcome: OperationOutcome = {
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'information', code: 'informational', diagnostics }],
  };
  const entry = [
    ...resources,
    ...(isMore ? [{ resource: outcome, search: { mode: 'outcome' as const } }] : []),
  ];
  const bundle: Bundle = {
    resourceType: 'Bundle',
    type: 'searchset',
    total: resources.length,
    ...(entry.length > 0 && { entry }),
  };
  return { status: 200, headers: {}, body: JSON.stringify(bundle) };
}

/** Of the Slots, the patient and nothing else: `$book` fills in the rest. */
function toAppointment({ slots, actors, about }: Run, patients: readonly string[]): Appointment {
  return {
    resourceType: 'Appointment',
    status: 'proposed',
    ...about,
    start: slots[0]!.start,
    end: slots.at(-1)!.end,
    slot: slots.map(({ id }) => ({ reference: `Slot/${id}` })),
    participant: [
      ...actors.map((actor) => ({ actor, status: 'tentative' as const })),
      ...patients.map((reference) => ({ actor: { reference }, status: 'needs-action' as const })),
    ],
  };
}
