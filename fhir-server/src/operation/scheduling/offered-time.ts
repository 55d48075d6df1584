/** The time that Slots offer together: of each Schedule one after the other, and of all the same. */
import type { Schedule, Slot } from '@medplum/fhirtypes';
import { badRequest, conflict } from '../../fhir/outcome.ts';
import { disclose, permit, type Request } from '../../interaction/index.ts';
import { localReference } from '../../search/index.ts';
import { readCurrent } from '../../storage/index.ts';

const PLACE = 'Appointment.slot';

export interface OfferedTime {
  readonly slots: readonly Slot[];
  readonly schedules: readonly Schedule[];
  /** As the Slots have it, with their offset from UTC. */
  readonly start: string;
  readonly end: string;
  readonly actors: Schedule['actor'];
}

/** Throws 400 for Slots that are not there, or that do not go together, and 409 for those of a Schedule that is not in use. */
export async function offeredTime(request: Request, ids: readonly string[]): Promise<OfferedTime> {
  const slots = (await readAll<Slot>(request, 'Slot', ids, PLACE)).toSorted(byStart);
  const bySchedule = Map.groupBy(slots, (slot) => scheduleId(request, slot));
  const schedules = await readAll<Schedule>(request, 'Schedule', [...bySchedule.keys()], PLACE);
  const inactive = schedules.find(({ active }) => active === false);
  if (inactive) throw conflict(`Schedule/${inactive.id} is not in use`, PLACE);
  const [first] = slots;
  if (first === undefined) throw badRequest('An Appointment is booked in a Slot, and none is named', PLACE);
  const spans = [...bySchedule.values()].map(spanOf);
  const [span] = spans as [Span];
  const isSame = ({ start, end }: Span): boolean =>
    Date.parse(start) === Date.parse(span.start) && Date.parse(end) === Date.parse(span.end);
  if (!spans.every(isSame)) throw badRequest('The Slots of each Schedule must make up the same time', PLACE);
  const actors = new Map(schedules.flatMap(({ actor }) => actor.map((one) => [one.reference ?? '', one])));
  return { slots, schedules, ...span, actors: [...actors.values()] };
}

const byStart = (a: Slot, b: Slot): number => Date.parse(a.start) - Date.parse(b.start);

interface Span {
  readonly start: string;
  readonly end: string;
}

function spanOf(slots: readonly Slot[]): Span {
  for (const [i, slot] of slots.entries()) {
    const next = slots[i + 1];
    if (next !== undefined && Date.parse(slot.end) !== Date.parse(next.start))
      throw badRequest('The Slots must follow one another without a gap', PLACE);
  }
  return { start: slots[0]!.start, end: slots.at(-1)!.end };
}

function scheduleId({ server }: Request, slot: Slot): string {
  const local = localReference(slot.schedule.reference ?? '', server.config.fhirBase);
  if (local?.type !== 'Schedule') throw badRequest(`Slot/${slot.id} is of no Schedule of this server`, PLACE);
  return local.id;
}

/** As the caller sees them. */
async function readAll<T extends Slot | Schedule>(
  request: Request,
  resourceType: T['resourceType'],
  ids: readonly string[],
  place: string,
): Promise<T[]> {
  const { server, db } = request;
  const right = permit(request, 'read', resourceType);
  const isKnown = await server.tables.exists(resourceType);
  const found: T[] = [];
  for (const id of ids) {
    const version = isKnown ? await readCurrent(db, server.registry, resourceType, id, right) : undefined;
    if (version === undefined || version.deleted)
      throw badRequest(`There is no ${resourceType}/${id}`, place);
    found.push(JSON.parse(disclose(request, resourceType, version.content)) as T);
  }
  return found;
}
