/**
 * The waitlist bot: offers Slots that have become free to who waits for one, the oldest on the list first; when an Appointment
 * is called off, and every few minutes for whatever else has become free. An offer is an Appointment of its own that keeps the
 * Slot for a while: the patient books it, or it ends and the next is asked.
 */
import type { Appointment } from '@medplum/fhirtypes';
import { defineBot, HttpFailure, type BotContext, type BotEvent } from '../../sdk/index.ts';
import { isBusy, loadFreeSlots, type FreeSlot } from './free-slots.ts';
import { noticeOf, offerOf } from './offer.ts';
import { waitlistSettings, type Settings } from './settings.ts';
import {
  endWaiting,
  isOver,
  isTaken,
  isUnanswered,
  loadOffers,
  loadWaiting,
  type Waiting,
} from './waiting.ts';
import { withdrawNotices } from './withdraw.ts';

/** So long before its start a time is offered no more, and so long at least a patient has to answer. */
const LEAD_MS = 30 * 60_000;
const ANSWER_MS = 15 * 60_000;

export default defineBot<Settings>({
  name: 'waitlist',
  description: 'Offer free times to who waits for one',
  triggers: ({ everyMinutes }) => [
    { criteria: 'Appointment?status=cancelled' },
    { cron: everyMinutes === 60 ? '0 * * * *' : `*/${everyMinutes} * * * *` },
  ],
  scopes: [
    'system/Appointment.crus',
    'system/Slot.rs',
    'system/Schedule.rs',
    'system/Patient.rs',
    'system/Communication.crus',
    'system/Task.cruds',
    'system/Subscription.crus',
  ],
  reads: ['Appointment', 'Slot', 'Schedule', 'Patient', 'Communication'],
  writes: ['Appointment', 'Communication'],
  prepare: waitlistSettings,
  async handle(event, context) {
    if (!mayFree(event)) return 'ignored';
    const { fhir, now, logger, signal } = context;
    const withdrawn = await withdrawNotices(fhir);
    let offered = 0;
    let ended = 0;
    const all = await loadWaiting(fhir);
    for (const waiting of all) {
      signal.throwIfAborted();
      const offers = await loadOffers(fhir, waiting.reference);
      const end = offers.some(isTaken) ? 'moved' : isOver(waiting.appointment, now()) ? 'waitlist-over' : undefined; // prettier-ignore
      if (end !== undefined) {
        await endWaiting(fhir, waiting.appointment, end);
        ended += 1;
      } else if (await offerTo(waiting, offers, context)) offered += 1;
    }
    logger.info({ waiting: all.length, offered, ended, withdrawn }, 'waitlist');
    return all.length === 0 && withdrawn === 0 ? 'ignored' : 'done';
  },
});

/** One that is called off without ever having had a Slot frees nothing. */
function mayFree(event: BotEvent): boolean {
  if (event.kind === 'tick' || event.resource.resourceType !== 'Appointment') return true;
  const { status, slot = [] } = event.resource;
  return status !== 'cancelled' || slot.length > 0;
}

/**
 * One offer at a time, each of another Slot. Its id follows from whom it is for and how many there were before: of several runs
 * at once, for whichever Slots, one makes it.
 */
async function offerTo(
  waiting: Waiting,
  offers: readonly Appointment[],
  context: BotContext<Settings>,
): Promise<boolean> {
  const { fhir, prepared: settings, now, id, writeOnce } = context;
  const { appointment, reference, patientReference, since } = waiting;
  if (offers.some(({ status }) => status === 'pending')) return false;
  if (offers.filter(isUnanswered).length >= settings.unansweredMax) return false;
  const former = new Set(offers.flatMap(({ slot = [] }) => slot.map((one) => one.reference)));
  const key = `${reference}|${offers.length}`;
  const earliest = new Date(now().getTime() + LEAD_MS + ANSWER_MS);
  for (const free of await loadFreeSlots(fhir, appointment, since, earliest)) {
    if (former.has(`Slot/${free.slot.id ?? ''}`) || (await isBusy(fhir, free, patientReference))) continue;
    const until = keptUntil(free, settings, now());
    const offer = offerOf(waiting, free, until, now());
    const notice = noticeOf(waiting, free, `Appointment/${id('offer', key)}`, until, settings.language);
    try {
      return (await writeOnce({ offer, notice }, key)) === 'written';
    } catch (error) {
      // Somebody else has just taken it.
      if (!(error instanceof HttpFailure) || error.status !== 409) throw error;
    }
  }
  return false;
}

const keptUntil = ({ slot }: FreeSlot, { offerMs }: Settings, now: Date): Date =>
  new Date(Math.min(now.getTime() + offerMs, Date.parse(slot.start) - LEAD_MS));
