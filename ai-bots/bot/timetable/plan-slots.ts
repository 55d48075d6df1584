/** What is to be written so that a Schedule has the Slots of its recurrence, and no free ones beside them. */
import type { Schedule, Slot } from '@medplum/fhirtypes';
import type { Time } from './times.ts';

/** An id for the Slot of a Schedule that begins at this instant. */
export type SlotId = (scheduleId: string, startMs: number) => string;

export interface SlotChanges {
  /** New ones, under ids of their own. */
  readonly create: readonly Slot[];
  /** Next states of stored ones. */
  readonly update: readonly Slot[];
}

/**
 * Slots that others made stay as they are and keep their time. Of its own a free one that is not offered any more becomes
 * `entered-in-error`, and `free` when it is again; one that is taken or closed by hand stays.
 */
export function planSlots(
  schedule: Schedule,
  times: readonly Time[],
  stored: readonly Slot[],
  idOf: SlotId,
): SlotChanges {
  const scheduleId = schedule.id ?? '';
  const isOwn = (slot: Slot): boolean => slot.id === idOf(scheduleId, Date.parse(slot.start));
  const wanted = new Map(times.map((time) => [idOf(scheduleId, Date.parse(time.start)), time]));
  const byId = new Map(stored.map((slot) => [slot.id ?? '', slot]));
  const isMovable = (slot: Slot): boolean =>
    isOwn(slot) && (slot.status === 'free' || slot.status === 'entered-in-error');
  const standing = stored.filter((slot) => !isMovable(slot) && slot.status !== 'entered-in-error');
  const update: Slot[] = [];
  const create: Slot[] = [];
  for (const slot of stored) {
    if (!isMovable(slot) || slot.status !== 'free') continue;
    const time = wanted.get(slot.id ?? '');
    if (time === undefined || Date.parse(time.end) !== Date.parse(slot.end) || isTaken(time, standing))
      update.push({ ...slot, status: 'entered-in-error' });
  }
  for (const [id, time] of wanted) {
    const before = byId.get(id);
    if (isTaken(time, standing) || (before !== undefined && !isMovable(before))) continue;
    const next = slotOf(schedule, id, time);
    if (before === undefined) create.push(next);
    else if (isChanged(before, next)) {
      const withdrawn = update.findIndex((slot) => slot.id === id);
      if (withdrawn >= 0) update.splice(withdrawn, 1);
      update.push({ ...before, ...next });
    }
  }
  return { create, update };
}

function slotOf(
  { id: scheduleId, serviceCategory, serviceType, specialty }: Schedule,
  id: string,
  { start, end }: Time,
): Slot {
  // prettier-ignore
  return {
    resourceType: 'Slot',
    id,
    schedule: { reference: `Schedule/${scheduleId}` },
    status: 'free',
    start,
    end,
    ...(serviceCategory && { serviceCategory }),
    ...(serviceType && { serviceType }),
    ...(specialty && { specialty }),
  };
}

const isTaken = ({ start, end }: Time, standing: readonly Slot[]): boolean =>
  standing.some(
    (slot) => Date.parse(slot.start) < Date.parse(end) && Date.parse(slot.end) > Date.parse(start),
  );

const COMPARED = ['status', 'start', 'end', 'serviceCategory', 'serviceType', 'specialty'] as const;

const isChanged = (before: Slot, next: Slot): boolean =>
  COMPARED.some((name) => JSON.stringify(before[name]) !== JSON.stringify(next[name]));
