/** Who is offered which Slot, once each, in which order, and when the offers end. */
import { describe, expect, test } from '@jest/globals';
import type { Appointment, Communication, Patient, Resource, Schedule, Slot } from '@medplum/fhirtypes';
import bot from '../../bot/waitlist/handler.ts';
import { waitlistSettings } from '../../bot/waitlist/settings.ts';
import { offerText } from '../../bot/waitlist/wording.ts';
import { createHarness, type Harness } from '../../sdk/test-harness.ts';

const CODE = (code: string) => ({ coding: [{ system: 'http://snomed.info/sct', code }] });
const HELD_UNTIL = 'https://dr-assistant.example/fhir/StructureDefinition/appointment-held-until';
const REASONS = 'https://dr-assistant.example/fhir/CodeSystem/appointment-cancelation-reason';

const patient = (id: string, more: Partial<Patient> = {}): Patient => ({
  resourceType: 'Patient',
  id,
  telecom: [{ system: 'sms', value: '+1-555-0101' }],
  ...more,
});

const schedule = (id: string, actor: string, more: Partial<Schedule> = {}): Schedule => ({
  resourceType: 'Schedule',
  id,
  active: true,
  specialty: [CODE('family')],
  actor: [{ reference: actor, display: 'Dr. Ana Novak' }],
  ...more,
});

const slot = (id: string, start: string, more: Partial<Slot> = {}): Slot => ({
  resourceType: 'Slot',
  id,
  schedule: { reference: 'Schedule/doc-times' },
  status: 'free',
  start,
  end: new Date(Date.parse(start) + 20 * 60_000).toISOString(),
  ...more,
});

const waiting = (id: string, patientId: string, more: Partial<Appointment> = {}): Appointment => ({
  resourceType: 'Appointment',
  id,
  status: 'waitlist',
  description: 'Chemotherapy',
  created: '2026-06-01T08:00:00Z',
  requestedPeriod: [{ start: '2026-06-02T00:00:00Z', end: '2026-06-20T00:00:00Z' }],
  participant: [
    { actor: { reference: `Patient/${patientId}` }, status: 'accepted' },
    { actor: { reference: 'Practitioner/doc' }, status: 'needs-action' },
  ],
  ...more,
});

const BASE = [
  patient('p'),
  patient('q'),
  schedule('doc-times', 'Practitioner/doc'),
  schedule('skin-times', 'PractitionerRole/skin', { specialty: [CODE('skin')] }),
];
const NOW = '2026-06-08T08:00:00Z';
const SLOT_START = '2026-06-10T09:00:00+02:00';

/** As one who called off has left it: what is cancelled here had the Slots that are free. */
const CANCELLED: Appointment = {
  resourceType: 'Appointment',
  id: 'called-off',
  status: 'cancelled',
  slot: [{ reference: 'Slot/s' }],
  start: SLOT_START,
  participant: [{ actor: { reference: 'Patient/x' }, status: 'declined' }],
};

const harnessWith = (resources: readonly Resource[], env: NodeJS.ProcessEnv = {}): Harness =>
  createHarness(bot, { resources: [...BASE, ...resources], env, now: NOW });

const offers = (harness: Harness): Appointment[] =>
  harness.stored('Appointment').filter(({ supportingInformation }) => supportingInformation !== undefined);
const whom = ({ supportingInformation }: Appointment): string | undefined =>
  supportingInformation?.[0]?.reference;

/** As the server takes back what nobody has answered. */
const expire = (harness: Harness, offer: Appointment, code = 'hold-expired'): void => {
  const cancelationReason = { coding: [{ system: REASONS, code }] };
  harness.put({ ...offer, status: 'cancelled', cancelationReason });
  const [one] = harness.stored('Slot').filter(({ id }) => offer.slot?.[0]?.reference === `Slot/${id}`);
  harness.put(one!);
};

describe('A Slot that has become free', () => {
  test('is kept for the oldest on the list, who is told when it is and until when, and nothing of why.', async () => {
    const later = waiting('w1', 'q', { created: '2026-06-01T09:00:00Z' });
    const harness = harnessWith([later, waiting('w2', 'p'), slot('s', SLOT_START)]);
    const { outcome, written } = await harness.deliver(CANCELLED);
    expect([outcome, written.map(({ resourceType }) => resourceType)]).toEqual([
      'done',
      ['Appointment', 'Communication'],
    ]);
    const [offer, notice] = written as [Appointment, Communication];
    expect(offer).toMatchObject({
      status: 'pending',
      extension: [{ url: HELD_UNTIL, valueInstant: '2026-06-08T10:00:00.000Z' }],
      supportingInformation: [{ reference: 'Appointment/w2' }],
      slot: [{ reference: 'Slot/s' }],
      start: SLOT_START,
      minutesDuration: 20,
      description: 'Chemotherapy',
      specialty: [CODE('family')],
      participant: [
        { actor: { reference: 'Patient/p' }, status: 'needs-action' },
        { actor: { reference: 'Practitioner/doc' }, status: 'accepted' },
      ],
    });
    expect(notice).toMatchObject({
      status: 'preparation',
      recipient: [{ reference: 'Patient/p' }],
      about: [{ reference: `Appointment/${offer.id}` }],
      medium: [{ coding: [{ code: 'SMSWRIT' }] }],
    });
    const text = notice.payload?.[0]?.contentString ?? '';
    expect(text).toMatch(/Jun 10, 2026, 9:00 AM.* until .*Jun 8, 2026, 12:00 PM/);
    expect(text).not.toMatch(/Chemo|Novak/);
  });

  test('is offered once, however often and for whatever the bot is woken, and to the next when it was declined.', async () => {
    const harness = harnessWith([waiting('w1', 'p'), waiting('w2', 'q', { created: '2026-06-02T08:00:00Z' }), slot('s', SLOT_START)]); // prettier-ignore
    await harness.deliver(CANCELLED);
    expect((await harness.deliver(CANCELLED)).written).toEqual([]);
    expect((await harness.tick('2026-06-08T08:05:00Z')).written).toEqual([]);
    const [first] = offers(harness);
    expire(harness, first!, 'offer-declined');
    await harness.tick('2026-06-08T08:10:00Z');
    const [second] = offers(harness).filter(({ status }) => status === 'pending');
    expect([whom(first!), whom(second!)]).toEqual(['Appointment/w1', 'Appointment/w2']);
    expire(harness, second!, 'offer-declined');
    await harness.tick('2026-06-08T08:15:00Z');
    expect(offers(harness)).toHaveLength(2);
  });

  test('is one of several: each who waits has one offer at a time.', async () => {
    const day = [slot('s', SLOT_START), slot('t', '2026-06-10T10:00:00+02:00'), slot('u', '2026-06-10T11:00:00+02:00')]; // prettier-ignore
    const harness = harnessWith([waiting('w1', 'p'), waiting('w2', 'q', { created: '2026-06-02T08:00:00Z' }), ...day]); // prettier-ignore
    await harness.deliver(CANCELLED);
    const made = offers(harness).map((offer) => [whom(offer), offer.slot?.[0]?.reference]);
    expect(made.toSorted()).toEqual([
      ['Appointment/w1', 'Slot/s'],
      ['Appointment/w2', 'Slot/t'],
    ]);
  });

  test('is no more offered to who has not answered so often.', async () => {
    const harness = harnessWith([waiting('w1', 'p')], { WAITLIST_UNANSWERED_MAX: '2' });
    for (const [i, hour] of ['09', '10', '11'].entries()) {
      harness.put(slot(`s${i}`, `2026-06-1${i}T${hour}:00:00+02:00`));
      await harness.tick(`2026-06-08T${hour}:00:00Z`);
      for (const offer of offers(harness).filter(({ status }) => status === 'pending'))
        expire(harness, offer);
    }
    expect(offers(harness)).toHaveLength(2);
  });

  test('does not take longer to be answered than it leaves to come.', async () => {
    const harness = harnessWith([waiting('w1', 'p'), slot('s', '2026-06-08T09:00:00Z')]);
    await harness.deliver(CANCELLED);
    expect(offers(harness)[0]?.extension?.[0]?.valueInstant).toBe('2026-06-08T08:30:00.000Z');
    const late = harnessWith([waiting('w1', 'p'), slot('s', '2026-06-08T08:40:00Z')]);
    await late.deliver(CANCELLED);
    expect(offers(late)).toEqual([]);
  });
});

describe('Nothing is offered', () => {
  const none = async (...resources: readonly Resource[]): Promise<void> => {
    const harness = harnessWith(resources);
    await harness.deliver(CANCELLED);
    expect(offers(harness)).toEqual([]);
    expect(harness.stored('Communication')).toEqual([]);
  };
  const free = slot('s', SLOT_START);

  test('of what was free before somebody came onto the list, which he has seen.', () =>
    none(waiting('w', 'p', { created: '2026-06-08T08:00:01Z' }), free));
  test('outside of the periods that suit.', async () => {
    const from = [{ start: '2026-06-11T00:00:00Z', end: '2026-06-20T00:00:00Z' }];
    await none(waiting('w', 'p', { requestedPeriod: from }), free);
    const until = [{ start: '2026-06-02T00:00:00Z', end: '2026-06-10T07:10:00Z' }];
    await none(waiting('w', 'p', { requestedPeriod: until }), free);
  });
  test('with somebody else, for something else, or too short.', async () => {
    await none(waiting('w', 'p'), { ...free, schedule: { reference: 'Schedule/skin-times' } });
    await none(waiting('w', 'p', { specialty: [CODE('skin')] }), free);
    await none(waiting('w', 'p', { minutesDuration: 40 }), free);
  });
  test('that is taken or closed, or of a Schedule that is not in use.', async () => {
    await none(waiting('w', 'p'), { ...free, status: 'busy-unavailable' });
    await none(waiting('w', 'p'), schedule('doc-times', 'Practitioner/doc', { active: false }), free);
  });
  test('when the doctor or the patient has another Appointment then, also one without a Slot.', async () => {
    for (const reference of ['Practitioner/doc', 'Patient/p'])
      await none(waiting('w', 'p'), free, {
        resourceType: 'Appointment',
        id: 'other',
        status: 'booked',
        start: '2026-06-10T06:50:00Z',
        end: '2026-06-10T07:10:00Z',
        participant: [{ actor: { reference }, status: 'accepted' }],
      });
  });
  test('to who has died or is inactive, and for a group, which the clinic looks after.', async () => {
    await none(patient('p', { deceasedBoolean: true }), waiting('w', 'p'), free);
    await none(patient('p', { active: false }), waiting('w', 'p'), free);
    const both = [...waiting('w', 'p').participant, { actor: { reference: 'Patient/q' }, status: 'accepted' as const }]; // prettier-ignore
    await none(waiting('w', 'p', { participant: both }), free);
  });
});

test('Who wants nobody in particular is offered whatever fits, by specialty too.', async () => {
  const [who] = waiting('w', 'p').participant;
  const skin = slot('s', SLOT_START, { schedule: { reference: 'Schedule/skin-times' } });
  const harness = harnessWith([waiting('w', 'p', { participant: [who!], specialty: [CODE('skin')] }), skin, slot('t', '2026-06-09T09:00:00+02:00')]); // prettier-ignore
  await harness.deliver(CANCELLED);
  expect(offers(harness).map(({ slot: taken }) => taken?.[0]?.reference)).toEqual(['Slot/s']);
});

test('A message that nobody has sent is withdrawn when the offer is over; one that is on its way is not touched.', async () => {
  const harness = harnessWith([waiting('w', 'p'), slot('s', SLOT_START)]);
  await harness.deliver(CANCELLED);
  const [notice] = harness.stored('Communication');
  expire(harness, offers(harness)[0]!);
  await harness.tick('2026-06-08T10:05:00Z');
  expect(harness.stored('Communication')[0]).toMatchObject({ id: notice!.id, status: 'not-done' });
  harness.put({ ...notice!, status: 'in-progress' });
  await harness.tick('2026-06-08T10:10:00Z');
  expect(harness.stored('Communication')[0]?.status).toBe('in-progress');
});

test('Who has waited until all his periods were over leaves the list.', async () => {
  const harness = harnessWith([waiting('w', 'p')]);
  await harness.tick('2026-06-20T00:00:00Z');
  expect(harness.stored('Appointment')[0]).toMatchObject({
    status: 'cancelled',
    cancelationReason: { coding: [{ system: REASONS, code: 'waitlist-over' }] },
  });
});

test('Who has booked an offer without leaving the list is taken off it, and is offered nothing more.', async () => {
  const harness = harnessWith([
    waiting('w', 'p'),
    slot('s', SLOT_START),
    slot('t', '2026-06-11T09:00:00+02:00'),
  ]);
  await harness.deliver(CANCELLED);
  harness.put({ ...offers(harness)[0]!, status: 'booked' });
  await harness.tick('2026-06-08T09:00:00Z');
  expect(harness.stored('Appointment').find(({ id }) => id === 'w')).toMatchObject({
    status: 'cancelled',
    cancelationReason: { coding: [{ system: REASONS, code: 'moved' }] },
  });
  expect(offers(harness)).toHaveLength(1);
});

test('What was called off without a Slot, as a place on the list is, wakes it for nothing.', async () => {
  const harness = harnessWith([waiting('w', 'p'), slot('s', SLOT_START)]);
  const { slot: _slot, ...left } = CANCELLED;
  expect((await harness.deliver(left)).outcome).toBe('ignored');
});

test('An offer is worded in the patient’s language by the clock of the place.', () => {
  const until = new Date('2026-06-08T10:00:00Z');
  expect(offerText(SLOT_START, until, 'de-AT')).toMatch(
    /^Ein Termin ist frei geworden: .*10\. Juni 2026.*09:00/,
  );
  expect(offerText(SLOT_START, until, 'fr')).toContain('12:00');
  expect(offerText(SLOT_START, until, 'xx')).toContain('An appointment has become free');
});

test('Settings are checked all at once.', () => {
  expect(waitlistSettings({})).toEqual({
    everyMinutes: 5,
    offerMs: 7_200_000,
    unansweredMax: 3,
    language: 'en',
  });
  expect(() => waitlistSettings({ WAITLIST_OFFER_MINUTES: '1', WAITLIST_LANGUAGE: 'xx', WAITLIST_EVERY_MINUTES: '61', WAITLIST_UNANSWERED_MAX: '0' })).toThrow(/WAITLIST_LANGUAGE[^]*WAITLIST_EVERY_MINUTES[^]*WAITLIST_OFFER_MINUTES[^]*WAITLIST_UNANSWERED_MAX/); // prettier-ignore
});
