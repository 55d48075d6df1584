/** Reminders and summaries on the whole system: over the FHIR API alone, with each bot's own client and scopes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type {
  Appointment,
  Bundle,
  Communication,
  Composition,
  DocumentReference,
  Encounter,
  Provenance,
  Schedule,
  Slot,
} from '@medplum/fhirtypes';
import { addDays, localDay } from '../../../scripts/seed/day.ts';
import { startWholeSystem, type WholeSystem } from '../../../scripts/test/support/whole-system.ts';

let system: WholeSystem;

beforeAll(async () => {
  const settings = {
    REMINDER_EVERY_MINUTES: '1',
    REMINDER_QUIET_HOURS: 'none',
    CHART_SUMMARY_REFRESH_MINUTES: '1',
    WAITLIST_OFFER_MINUTES: '15',
  };
  // What they make of the demo data is to be made here.
  system = await startWholeSystem(settings, { firstStart: true });
}, 250_000);

afterAll(() => system.stop(), 60_000);

test('Tomorrow’s appointments are reminded of, once each, and a reminder waits to be sent.', async () => {
  const tomorrow = addDays(localDay(), 1);
  const isOwn = (r: Communication): boolean =>
    r.about?.[0]?.reference === `Appointment/demo-patient-${tomorrow}`;
  const reminders = await system.find<Communication>(
    'Communication?patient=demo-patient&category=reminder',
    (found) => found.some(isOwn),
    90_000,
  );
  const own = reminders.filter(isOwn);
  expect(own).toHaveLength(1);
  expect(own[0]).toMatchObject({ status: 'preparation', recipient: [{ reference: 'Patient/demo-patient' }] });
  expect(own[0]?.payload?.[0]?.contentString).toMatch(/you have an appointment on .* at 11:00 AM/);
}, 120_000);

test('The doctor’s weeks become Slots, of which one is found, booked and given back, and Slots are made once.', async () => {
  const day = (ahead: number): string => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
  const last = `Slot?schedule=Schedule/demo-doctor-times&start=ge${day(57)}&_count=100`;
  await system.find<Slot>(last, (all) => all.length > 0, 60_000);
  const [from, to] = [day(1), day(14)];
  const query = `start=${from}&end=${to}&practitioner=Practitioner/demo-doctor&patient-reference=Patient/demo-patient`;
  const found = await system.call<Bundle<Appointment>>('GET', `Appointment/$find?${query}`);
  const proposal = found.entry?.[0]?.resource;
  expect(proposal).toMatchObject({ status: 'proposed', specialty: [{ text: 'Family medicine' }] });
  const booked = await system.call<Bundle<Appointment>>('POST', 'Appointment/$book', {
    resourceType: 'Parameters',
    parameter: [{ name: 'appt-resource', resource: proposal }],
  });
  const appointment = booked.entry?.[0]?.resource;
  const slot = appointment?.slot?.[0]?.reference ?? '';
  expect((await system.call<Slot>('GET', slot)).status).toBe('busy');
  // The bot hears of the Schedule again, and leaves the Slot to its Appointment.
  const again = await system.call<Schedule>('GET', 'Schedule/demo-doctor-times');
  await system.call('PUT', 'Schedule/demo-doctor-times', { ...again, comment: 'As ever' });
  await system.call('POST', `Appointment/${appointment?.id}/$cancel`);
  expect((await system.call<Slot>('GET', slot)).status).toBe('free');
  const all = `Slot?schedule=Schedule/demo-doctor-times&start=ge${from}&start=lt${to}&_count=500`;
  const starts = (await system.find<Slot>(all, () => true, 0)).map(({ start }) => start);
  expect(starts.length).toBeGreaterThan(100);
  expect(new Set(starts).size).toBe(starts.length);
}, 120_000);

/** For the time of this Slot alone. */
const wait = async (patientId: string, { start, end }: Slot): Promise<Appointment> => {
  const resource = {
    resourceType: 'Appointment',
    status: 'waitlist',
    requestedPeriod: [{ start, end }],
    participant: [
      { actor: { reference: `Patient/${patientId}` }, status: 'accepted' },
      { actor: { reference: 'Practitioner/demo-nurse' }, status: 'needs-action' },
    ],
  };
  const made = await system.call<Bundle<Appointment>>('POST', 'Appointment/$waitlist', {
    resourceType: 'Parameters',
    parameter: [{ name: 'appt-resource', resource }],
  });
  return made.entry![0]!.resource!;
};

test('A time that is called off is offered to the first who waits, to the next when nobody answers, and booking it ends the wait.', async () => {
  const start = new Date(Date.now() + 40 * 86_400_000).toISOString();
  const [slot] = await system.find<Slot>(
    `Slot?schedule=Schedule/demo-nurse-times&status=free&_sort=start&_count=1&start=ge${start}`,
    (found) => found.length > 0,
    60_000,
  );
  const { id: slotId = '' } = slot!;
  const booked = await system.call<Appointment>('POST', 'Appointment', {
    resourceType: 'Appointment',
    status: 'booked',
    slot: [{ reference: `Slot/${slotId}` }],
    start: slot!.start,
    end: slot!.end,
    participant: [{ actor: { reference: 'Patient/demo-patient-weber' }, status: 'accepted' }],
  });
  const [first, second] = [await wait('demo-patient-osei', slot!), await wait('demo-patient-silva', slot!)];
  const offerTo = async ({ id }: Appointment): Promise<Appointment> =>
    (
      await system.find<Appointment>(
        `Appointment?supporting-info=Appointment/${id}&status=pending`,
        (found) => found.length > 0,
        60_000,
      )
    )[0]!;
  await system.call('POST', `Appointment/${booked.id}/$cancel`);
  const offer = await offerTo(first);
  expect(offer.slot).toEqual([{ reference: `Slot/${slotId}` }]);
  expect((await system.call<Slot>('GET', `Slot/${slotId}`)).status).toBe('busy-tentative');
  const [notice] = await system.find<Communication>(
    `Communication?recipient=Patient/demo-patient-osei&category=notification`,
    (found) => found.length > 0,
    5_000,
  );
  expect(notice).toMatchObject({ status: 'preparation', about: [{ reference: `Appointment/${offer.id}` }] });
  // As if its time were over; the worker takes it back.
  const extension = [{ ...offer.extension![0]!, valueInstant: new Date().toISOString() }];
  await system.call('PUT', `Appointment/${offer.id}`, { ...offer, extension });
  const next = await offerTo(second);
  expect(next.slot).toEqual([{ reference: `Slot/${slotId}` }]);
  expect(await system.call<Appointment>('GET', `Appointment/${offer.id}`)).toMatchObject({
    status: 'cancelled',
    cancelationReason: { coding: [{ code: 'hold-expired' }] },
  });
  await system.call('POST', `Appointment/${next.id}/$book`, {
    resourceType: 'Parameters',
    parameter: [{ name: 'cancelled-appt-id', valueUri: `Appointment/${second.id}` }],
  });
  expect((await system.call<Appointment>('GET', `Appointment/${second.id}`)).status).toBe('cancelled');
  expect((await system.call<Slot>('GET', `Slot/${slotId}`)).status).toBe('busy');
  await system.call('POST', `Appointment/${first.id}/$cancel`);
  const all = await system.find<Appointment>(
    `Appointment?supporting-info=Appointment/${first.id},Appointment/${second.id}`,
    () => true,
    0,
  );
  expect(all).toHaveLength(2);
}, 180_000);

test('Several times that are called off at once make one offer for each who waits.', async () => {
  const from = new Date(Date.now() + 45 * 86_400_000).toISOString();
  const slots = await system.find<Slot>(
    `Slot?schedule=Schedule/demo-nurse-times&status=free&_sort=start&_count=4&start=ge${from}`,
    (found) => found.length === 4,
    5_000,
  );
  const booked = await Promise.all(
    slots.map(({ id, start, end }) =>
      system.call<Appointment>('POST', 'Appointment', {
        resourceType: 'Appointment',
        status: 'booked',
        slot: [{ reference: `Slot/${id}` }],
        start,
        end,
        participant: [{ actor: { reference: 'Patient/demo-patient-weber' }, status: 'accepted' }],
      }),
    ),
  );
  const span = { ...slots[0]!, end: slots.at(-1)!.end };
  const waiting = [await wait('demo-patient-osei', span), await wait('demo-patient-silva', span)];
  await Promise.all(booked.map(({ id }) => system.call('POST', `Appointment/${id}/$cancel`)));
  const references = waiting.map(({ id }) => `Appointment/${id}`);
  const search = `Appointment?supporting-info=${references.join(',')}&_count=50`;
  await system.find<Appointment>(search, (found) => found.length >= 2, 60_000);
  // All four deliveries are through.
  await sleep(3_000);
  const offers = await system.find<Appointment>(search, () => true, 0);
  expect(offers.map(({ supportingInformation }) => supportingInformation?.[0]?.reference).toSorted()).toEqual(
    references.toSorted(),
  );
  expect(new Set(offers.map(({ slot }) => slot?.[0]?.reference)).size).toBe(2);
  const notices = await system.find<Communication>(
    `Communication?category=notification&identifier=${offers.map(({ id }) => `https://dr-assistant.example/fhir/NamingSystem/waitlist-offer|Appointment/${id}`).join(',')}`,
    () => true,
    0,
  );
  expect(notices).toHaveLength(2);
  for (const { id } of [...waiting, ...offers]) await system.call('POST', `Appointment/${id}/$cancel`);
}, 120_000);

const newVisit = (status: Encounter['status']): Partial<Encounter> => ({
  resourceType: 'Encounter',
  id: 'visit-of-the-test',
  ...(status === undefined ? {} : { status }),
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
  subject: { reference: 'Patient/demo-patient' },
  serviceProvider: { reference: 'Organization/demo-clinic' },
  period: { start: new Date(Date.now() + 3_600_000).toISOString() },
});

test('A planned visit gets a summary whose sentences lead to the chart, and an unchanged chart changes nothing.', async () => {
  await system.call('PUT', 'Encounter/visit-of-the-test', newVisit('planned'));
  const ofVisit = 'Composition?encounter=Encounter/visit-of-the-test&type=http://loinc.org|60591-5';
  const [composition] = await system.find<Composition>(ofVisit, (found) => found.length > 0, 60_000);
  expect(composition?.meta?.security?.[0]?.code).toBe('AIAST');
  const titles = composition?.section?.map((section) => section.title);
  expect(titles).toEqual(['Allergies', 'Problems', 'Medications', 'Results', 'Earlier visits']);
  expect(composition?.section?.[0]?.text?.div).toContain('penicillin G: Hives');
  const cited = composition?.section?.flatMap((section) => section.entry ?? []) ?? [];
  expect(cited.length).toBeGreaterThan(7);
  for (const { reference } of cited) await system.call('GET', reference ?? '');
  const [provenance] = await system.find<Provenance>(
    `Provenance?target=Composition/${composition?.id}`,
    (found) => found.length > 0,
    0,
  );
  expect(provenance?.entity).toHaveLength(cited.length);
  const [document] = await system.find<DocumentReference>(
    `DocumentReference?related=Composition/${composition?.id}`,
    (found) => found.length > 0,
    0,
  );
  expect(document?.docStatus).toBe('preliminary');

  await system.call('PUT', 'Encounter/visit-of-the-test', newVisit('arrived'));
  await system.call('PUT', 'AllergyIntolerance/allergy-of-the-test', {
    resourceType: 'AllergyIntolerance',
    id: 'allergy-of-the-test',
    patient: { reference: 'Patient/demo-patient' },
    code: { text: 'Shellfish' },
    clinicalStatus: {
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' },
      ],
    },
  });
  // The refresh finds the new allergy: one version more, although the visit was written twice.
  const [renewed] = await system.find<Composition>(ofVisit, ([c]) => c?.meta?.versionId === '2', 90_000);
  expect(renewed?.section?.[0]?.text?.div).toContain('Shellfish');
}, 180_000);
