/**
 * The appointment-reminder bot: writes a Communication, to be sent, for each patient of a booked appointment, so long
 * before its start as is set. It sends nothing itself: a gateway subscribes to `Communication?status=preparation`.
 */
import { defineBot, HttpFailure, PermanentFault, type FhirApi } from '../../sdk/index.ts';
import { reminder, reminderKey } from './communication.ts';
import { leadDue } from './due.ts';
import { loadOptedOut } from './opt-out.ts';
import { reminderSettings, type Settings } from './settings.ts';
import { loadUpcoming, type Upcoming } from './upcoming.ts';
import { mayRevive, revive, withdrawStale } from './withdraw.ts';

const IDS_AT_ONCE = 50;
/** Quiet hours may bring a reminder forward by so much. */
const FORWARD_MS = 24 * 3_600_000;

interface Due {
  readonly upcoming: Upcoming;
  readonly leadMs: number;
  readonly id: string;
}

export default defineBot<Settings>({
  name: 'appointment-reminder',
  description: 'Prepare reminders of appointments',
  triggers: ({ everyMinutes }) => [{ cron: everyMinutes === 60 ? '0 * * * *' : `*/${everyMinutes} * * * *` }],
  scopes: [
    'system/Appointment.rs',
    'system/Patient.rs',
    'system/Location.rs',
    'system/Organization.rs',
    'system/Flag.rs',
    'system/Communication.crus',
    'system/Task.cruds',
  ],
  reads: ['Appointment', 'Patient', 'Location', 'Organization', 'Flag', 'Communication'],
  writes: ['Communication', 'Task'],
  prepare: reminderSettings,
  async handle(_event, { fhir, prepared: settings, now, id, writeOnce, logger, signal }) {
    const withdrawn = await withdrawStale(fhir, now(), settings.timeZone);
    const due = dueNow(await upcoming(fhir, settings, now()), settings, now(), id);
    const patients = due.map(({ upcoming: { patientReference } }) => patientReference);
    const optedOut = await loadOptedOut(fhir, patients, now(), settings.timeZone);
    const wanted = due.filter(({ upcoming: { patientReference } }) => !optedOut.has(patientReference));
    const missing = await withoutExisting(fhir, wanted);
    let written = 0;
    let refused = 0;
    for (const { upcoming: one, leadMs } of missing) {
      signal.throwIfAborted();
      try {
        const communication = reminder(one, leadMs, settings);
        if ((await writeOnce({ reminder: communication }, reminderKey(one, leadMs))) === 'written')
          written += 1;
      } catch (error) {
        // One that the server does not take must not keep the others from being reminded.
        if (!(error instanceof HttpFailure) || ![400, 404, 422].includes(error.status)) throw error;
        logger.warn({ appointment: one.reference, err: error }, 'reminder refused');
        refused += 1;
      }
    }
    logger.info({ due: due.length, written, withdrawn, refused }, 'reminders');
    if (refused > 0)
      throw new PermanentFault(`${refused} reminders were refused by the server, see the log.`);
  },
});

function upcoming(fhir: FhirApi, { leadTimesMs, timeZone }: Settings, now: Date): Promise<Upcoming[]> {
  const horizon = new Date(now.getTime() + Math.max(...leadTimesMs) + FORWARD_MS);
  return loadUpcoming(fhir, now, horizon, timeZone);
}

function dueNow(
  all: readonly Upcoming[],
  { leadTimesMs, quietHours }: Settings,
  now: Date,
  id: (role: string, key: string) => string,
): Due[] {
  return all.flatMap((one) => {
    const place = { timeZone: one.timeZone, ...(quietHours === undefined ? {} : { quietHours }) };
    const leadMs = leadDue(one.start, leadTimesMs, place, now);
    if (leadMs === undefined) return [];
    return [{ upcoming: one, leadMs, id: id('reminder', reminderKey(one, leadMs)) }];
  });
}

/** Most of what is due was written by an earlier run: that costs one search for fifty. Here too what was withdrawn is revived. */
async function withoutExisting(fhir: FhirApi, due: readonly Due[]): Promise<Due[]> {
  const existing = new Set<string>();
  for (let from = 0; from < due.length; from += IDS_AT_ONCE) {
    const ids = due.slice(from, from + IDS_AT_ONCE).map((one) => one.id);
    const params = { _id: ids.join(','), _count: String(IDS_AT_ONCE) };
    for (const found of await fhir.findAll('Communication', params, IDS_AT_ONCE)) {
      existing.add(found.id ?? '');
      if (found.resourceType === 'Communication' && mayRevive(found)) await revive(fhir, found);
    }
  }
  return due.filter((one) => !existing.has(one.id));
}
