/**
 * The timetable bot: makes Slots of what a Schedule says of its weeks, for some time ahead; when the Schedule changes, and every
 * night for the days that have come into reach.
 */
import type { Bundle, BundleEntry, Schedule, Slot } from '@medplum/fhirtypes';
import { createEntry, defineBot, PermanentFault, updateEntry, type FhirApi } from '../../sdk/index.ts';
import { planSlots, type SlotChanges, type SlotId } from './plan-slots.ts';
import { parseRecurrence } from './recurrence.ts';
import { timetableSettings, type Settings } from './settings.ts';
import { timesOf } from './times.ts';

const DAY_MS = 86_400_000;
const SCHEDULES_MAX = 5_000;
const SLOTS_MAX = 50_000;
const ENTRIES_AT_ONCE = 100;

export default defineBot<Settings>({
  name: 'timetable',
  description: 'Make Slots of recurring availability',
  triggers: [{ criteria: 'Schedule?actor:missing=false' }, { cron: '15 1 * * *' }],
  scopes: ['system/Schedule.rs', 'system/Slot.crus', 'system/Task.crus', 'system/Subscription.crus'],
  reads: ['Schedule', 'Slot'],
  writes: ['Slot'],
  prepare: timetableSettings,
  async handle(event, { fhir, prepared, now, id, logger, signal }) {
    const idOf: SlotId = (scheduleId, startMs) =>
      id('slot', `${scheduleId} ${new Date(startMs).toISOString()}`);
    const schedules = event.kind === 'tick' ? await allSchedules(fhir) : await current(fhir, event.reference);
    const faults: string[] = [];
    let written = 0;
    for (const schedule of schedules) {
      signal.throwIfAborted();
      const parsed = parseRecurrence(schedule);
      if (parsed === undefined) continue;
      if ('fault' in parsed) {
        faults.push(`Schedule/${schedule.id}: ${parsed.fault}`);
        continue;
      }
      const { from, to } = reach(schedule, now(), prepared.aheadDays);
      const times = schedule.active === false ? [] : timesOf(parsed.recurrence, from, to);
      const stored = await slotsFrom(fhir, schedule.id ?? '', now());
      written += await write(fhir, planSlots(schedule, times, stored, idOf));
    }
    logger.info({ schedules: schedules.length, written, faults: faults.length }, 'slots');
    if (faults.length > 0) throw new PermanentFault(faults.join('; '));
    return schedules.length === 0 ? 'ignored' : 'done';
  },
});

const allSchedules = async (fhir: FhirApi): Promise<Schedule[]> =>
  (await fhir.findAll('Schedule', { _count: '200' }, SCHEDULES_MAX)) as Schedule[];

/** As it is now: what an event tells may be old. */
async function current(fhir: FhirApi, reference: string): Promise<Schedule[]> {
  const schedule = await fhir.read('Schedule', reference.split('/')[1] ?? '');
  return schedule === undefined ? [] : [schedule];
}

function reach({ planningHorizon }: Schedule, now: Date, aheadDays: number): { from: Date; to: Date } {
  const begins = Date.parse(planningHorizon?.start ?? '');
  const ends = Date.parse(planningHorizon?.end ?? '');
  // A date at the end is its whole day, wherever that is.
  const end = (planningHorizon?.end?.length ?? 0) === 10 ? ends + DAY_MS : ends;
  return {
    from: new Date(Math.max(now.getTime(), Number.isNaN(begins) ? 0 : begins)),
    to: new Date(Math.min(now.getTime() + aheadDays * DAY_MS, Number.isNaN(end) ? Infinity : end)),
  };
}

async function slotsFrom(fhir: FhirApi, scheduleId: string, now: Date): Promise<Slot[]> {
  const params = { schedule: `Schedule/${scheduleId}`, start: `ge${now.toISOString()}`, _count: '500' };
  return (await fhir.findAll('Slot', params, SLOTS_MAX)) as Slot[];
}

/** Each by itself: one that somebody books at this moment stays his. Throws PermanentFault for what the server refuses otherwise. */
async function write(fhir: FhirApi, { create, update }: SlotChanges): Promise<number> {
  const entries: BundleEntry[] = [
    ...update.map((slot) => updateEntry(fhir.baseUrl, slot, slot.meta?.versionId ?? '')),
    ...create.map((slot) => createEntry(fhir.baseUrl, slot)),
  ];
  let written = 0;
  for (let from = 0; from < entries.length; from += ENTRIES_AT_ONCE) {
    const bundle: Bundle = { resourceType: 'Bundle', type: 'batch', entry: entries.slice(from, from + ENTRIES_AT_ONCE) }; // prettier-ignore
    const statuses = ((await fhir.transaction(bundle)).entry ?? []).map((e) => e.response?.status ?? '');
    written += statuses.filter((status) => status.startsWith('2')).length;
    const refused = statuses.find((status) => !/^(2|412)/.test(status));
    if (refused !== undefined)
      throw new PermanentFault(`The server refused Slots with ${refused.slice(0, 3)}.`);
  }
  return written;
}
