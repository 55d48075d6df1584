/** What reminders are written, for whom, and that each is written once. */
import { describe, expect, test } from '@jest/globals';
import type { Appointment, Extension, Flag, Patient, Resource } from '@medplum/fhirtypes';
import bot from '../../bot/appointment-reminder/handler.ts';
import { createHarness, type Harness } from '../../sdk/test-harness.ts';

const patient: Patient = {
  resourceType: 'Patient',
  id: 'p',
  managingOrganization: { reference: 'Organization/clinic' },
  telecom: [
    { system: 'phone', value: '+1-555-0100', use: 'home' },
    { system: 'email', value: 'p@mail.example', rank: 2 },
    { system: 'sms', value: '+1-555-0101', rank: 1 },
  ],
};
const clinic: Resource = { resourceType: 'Organization', id: 'clinic', name: 'Oncology Clinic' };

const appointment = (start: string, change: Partial<Appointment> = {}): Appointment => ({
  resourceType: 'Appointment',
  id: 'a',
  status: 'booked',
  description: 'Chemotherapy',
  reasonCode: [{ text: 'Lymphoma' }],
  start,
  participant: [
    { actor: { reference: 'Patient/p' }, status: 'accepted' },
    { actor: { reference: 'Location/room' }, status: 'accepted' },
  ],
  ...change,
});

const flag: Flag = {
  resourceType: 'Flag',
  id: 'f',
  status: 'active',
  subject: { reference: 'Patient/p' },
  code: {
    coding: [
      { system: 'https://dr-assistant.example/fhir/CodeSystem/flag', code: 'no-appointment-reminders' },
    ],
  },
};

const START = '2026-06-10T15:00:00Z';
const TWO_DAYS_BEFORE = '2026-06-08T15:00:00Z';
const AN_HOUR_BEFORE = '2026-06-10T14:00:00Z';

const harnessWith = (
  resources: readonly Resource[],
  env: NodeJS.ProcessEnv = {},
  more: { readonly includesMax?: number } = {},
): Harness =>
  createHarness(bot, {
    resources: [clinic, patient, ...resources],
    env,
    now: '2026-06-01T12:00:00Z',
    ...more,
  });

const textsOf = (harness: Harness): string[] =>
  harness.stored('Communication').map((c) => c.payload?.[0]?.contentString ?? '');

test('A reminder waits to be sent, says when and nothing of why, and names whom it is for.', async () => {
  const harness = harnessWith([appointment(START)], { REMINDER_SIGNATURE: 'Harbour Street' });
  const { outcome, written } = await harness.tick(TWO_DAYS_BEFORE);
  expect(outcome).toBe('done');
  expect(written).toHaveLength(1);
  expect(written[0]).toMatchObject({
    resourceType: 'Communication',
    status: 'preparation',
    subject: { reference: 'Patient/p' },
    recipient: [{ reference: 'Patient/p' }],
    about: [{ reference: 'Appointment/a' }],
    sender: { reference: 'Organization/clinic' },
    medium: [{ coding: [{ code: 'SMSWRIT' }] }],
  });
  expect(textsOf(harness)).toEqual([
    'Reminder: you have an appointment on Wednesday, June 10, 2026 at 3:00 PM. If you cannot come, please let us know. Harbour Street',
  ]);
  expect(JSON.stringify(written)).not.toMatch(/chemo|lymphoma|oncology/i);
});

test('Each lead time brings one reminder, however often the bot looks.', async () => {
  const harness = harnessWith([appointment(START)]);
  for (const at of [
    TWO_DAYS_BEFORE,
    '2026-06-08T15:05:00Z',
    '2026-06-09T15:00:00Z',
    AN_HOUR_BEFORE,
    '2026-06-10T14:55:00Z',
  ])
    await harness.tick(at);
  expect(harness.stored('Communication')).toHaveLength(2);
});

test('Nobody is reminded after the start, in quiet hours, or too early.', async () => {
  const harness = harnessWith([appointment(START)]);
  for (const at of ['2026-06-08T14:55:00Z', '2026-06-09T22:00:00Z', START, '2026-06-10T16:00:00Z'])
    await harness.tick(at);
  expect(harness.stored('Communication')).toEqual([]);
});

test('A moved appointment is reminded of anew, and the reminder that nobody has sent yet is withdrawn.', async () => {
  const harness = harnessWith([appointment(START)]);
  await harness.tick(TWO_DAYS_BEFORE);
  harness.put(appointment('2026-06-11T15:00:00Z'));
  await harness.tick('2026-06-09T15:00:00Z');
  const found = harness.stored('Communication');
  expect(found.map((c) => [c.status, c.statusReason?.text]).toSorted()).toEqual([
    ['not-done', 'The appointment was moved.'],
    ['preparation', undefined],
  ]);
  expect(textsOf(harness)[1]).toContain('Thursday, June 11');
});

test('A reminder that a gateway has sent stays as it is when the appointment is cancelled.', async () => {
  const harness = harnessWith([appointment(START)]);
  const { written } = await harness.tick(TWO_DAYS_BEFORE);
  harness.put({ ...(written[0] as Resource), status: 'completed' } as Resource);
  harness.put(appointment(START, { status: 'cancelled' }));
  await harness.tick('2026-06-09T15:00:00Z');
  expect(harness.stored('Communication').map((c) => c.status)).toEqual(['completed']);
});

test('An appointment that was cancelled by mistake and is booked again gets its reminder back.', async () => {
  const harness = harnessWith([appointment(START)]);
  await harness.tick(TWO_DAYS_BEFORE);
  harness.put(appointment(START, { status: 'cancelled' }));
  await harness.tick('2026-06-08T15:05:00Z');
  expect(harness.stored('Communication')[0]?.status).toBe('not-done');
  harness.put(appointment(START));
  await harness.tick('2026-06-08T15:10:00Z');
  expect(harness.stored('Communication').map((c) => c.status)).toEqual(['preparation']);
});

test('A patient who opts out after a cancellation does not get the reminder back, until the Flag is gone.', async () => {
  const harness = harnessWith([appointment(START)]);
  await harness.tick(TWO_DAYS_BEFORE);
  harness.put(appointment(START, { status: 'cancelled' }));
  await harness.tick('2026-06-08T15:05:00Z');
  harness.put(flag);
  harness.put(appointment(START));
  await harness.tick('2026-06-08T15:10:00Z');
  expect(harness.stored('Communication').map((c) => c.status)).toEqual(['not-done']);
  harness.put({ ...flag, status: 'inactive' });
  await harness.tick('2026-06-08T15:15:00Z');
  expect(harness.stored('Communication').map((c) => c.status)).toEqual(['preparation']);
});

test.each<[string, Resource]>([
  ['opts out', flag],
  ['has died', { ...patient, deceasedBoolean: true }],
  ['is no patient any more', { ...patient, active: false }],
  [
    'declines',
    appointment(START, { participant: [{ actor: { reference: 'Patient/p' }, status: 'declined' }] }),
  ],
])('A reminder that waits is withdrawn when the patient %s.', async (_case, change) => {
  const harness = harnessWith([appointment(START)]);
  await harness.tick(TWO_DAYS_BEFORE);
  harness.put(change);
  await harness.tick('2026-06-08T15:05:00Z');
  expect(harness.stored('Communication').map((c) => c.status)).toEqual(['not-done']);
});

test.each([
  ['2026-06-08', 'UTC', 0],
  ['2026-06', 'UTC', 0],
  ['2026-06-07', 'UTC', 1],
  // There it is the 9th already.
  ['2026-06-08', 'Pacific/Auckland', 1],
])('A Flag until %s counts through the end of that day in %s.', async (end, zone, count) => {
  const env = { REMINDER_TIME_ZONE: zone, REMINDER_QUIET_HOURS: 'none' };
  const harness = harnessWith([appointment(START), { ...flag, period: { end } }], env);
  await harness.tick(TWO_DAYS_BEFORE);
  expect(harness.stored('Communication')).toHaveLength(count);
});

test('A reminder that is still unsent at the start is withdrawn.', async () => {
  const harness = harnessWith([appointment(START)]);
  await harness.tick(AN_HOUR_BEFORE);
  await harness.tick('2026-06-10T15:05:00Z');
  expect(harness.stored('Communication').map((c) => c.status)).toEqual(['not-done']);
});

describe('Not reminded is', () => {
  const declined = appointment(START, {
    participant: [{ actor: { reference: 'Patient/p' }, status: 'declined' }],
  });
  test.each<[string, Resource[]]>([
    ['a patient who declined', [declined]],
    ['a patient who has died', [appointment(START), { ...patient, deceasedDateTime: '2026-06-01' }]],
    ['a patient who wants none, by a Flag', [appointment(START), flag]],
    ['anyone of a cancelled appointment', [appointment(START, { status: 'cancelled' })]],
  ])('%s.', async (_case, resources) => {
    const harness = harnessWith(resources);
    await harness.tick(TWO_DAYS_BEFORE);
    expect(harness.stored('Communication')).toEqual([]);
  });

  test('but a patient whose Flag has ended is.', async () => {
    const harness = harnessWith([appointment(START), { ...flag, period: { end: '2026-06-01' } }]);
    await harness.tick(TWO_DAYS_BEFORE);
    expect(harness.stored('Communication')).toHaveLength(1);
  });
});

describe('Words and times are', () => {
  const inZone = (code: string): Resource => ({
    resourceType: 'Location',
    id: 'room',
    extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/timezone', valueCode: code }],
  });
  const speaks = (code: string): Patient => ({
    ...patient,
    communication: [{ language: { coding: [{ system: 'urn:ietf:bcp:47', code }] }, preferred: true }],
  });
  test.each([
    ['de-AT', 'Europe/Vienna', 'Erinnerung: Sie haben am Mittwoch, 10. Juni 2026 um 17:00 Uhr einen Termin.'],
    ['es', 'America/New_York', 'tiene una cita el miércoles, 10 de junio de 2026, hora: 11:00.'],
    ['fr', 'Europe/Paris', 'vous avez rendez-vous le mercredi 10 juin 2026 à 17:00.'],
    ['sw', 'Africa/Nairobi', 'you have an appointment on Wednesday, June 10, 2026 at 6:00 PM.'],
  ])('those of a patient who speaks %s and of a place in %s.', async (language, zone, expected) => {
    const harness = harnessWith([speaks(language), inZone(zone), appointment(START)]);
    await harness.tick(AN_HOUR_BEFORE);
    expect(textsOf(harness)[0]).toContain(expected);
  });

  test('those of the clinic when the place does not tell, and of the setting when nothing does.', async () => {
    const zoned = {
      ...clinic,
      extension: (inZone('Asia/Tokyo') as { extension?: Extension[] }).extension,
    } as Resource;
    const fromClinic = harnessWith([zoned, appointment('2026-06-10T02:00:00Z')]);
    await fromClinic.tick('2026-06-10T01:00:00Z');
    expect(textsOf(fromClinic)[0]).toMatch(/June 10, 2026 at 11:00\sAM/);
    const fromSetting = harnessWith([appointment(START)], { REMINDER_TIME_ZONE: 'Europe/London' });
    await fromSetting.tick(AN_HOUR_BEFORE);
    expect(textsOf(fromSetting)[0]).toMatch(/at 4:00\sPM/);
  });

  test('those of patient and place also when the page of appointments leaves them out.', async () => {
    const zoned = {
      ...clinic,
      extension: (inZone('Europe/Vienna') as { extension?: Extension[] }).extension,
    } as Resource;
    const room: Resource = {
      resourceType: 'Location',
      id: 'room',
      managingOrganization: { reference: 'Organization/clinic' },
    };
    const harness = harnessWith([zoned, room, speaks('de'), appointment(START)], {}, { includesMax: 0 });
    await harness.tick(AN_HOUR_BEFORE);
    expect(textsOf(harness)[0]).toContain('am Mittwoch, 10. Juni 2026 um 17:00 Uhr');
    expect(harness.stored('Communication')[0]?.sender).toEqual({ reference: 'Organization/clinic' });
    harness.put({ ...patient, deceasedBoolean: true });
    harness.put(appointment('2026-06-11T15:00:00Z'));
    await harness.tick('2026-06-11T14:00:00Z');
    expect(harness.stored('Communication').map((c) => c.status)).toEqual(['not-done']);
  });

  test('in the language of the setting when no language that there are words for is known.', async () => {
    const env = { REMINDER_LANGUAGE: 'de-AT', REMINDER_TIME_ZONE: 'Europe/Vienna' };
    const unreadable = appointment(START, {
      participant: [{ actor: { reference: 'Patient/of-others' }, status: 'accepted' }],
    });
    for (const resources of [[unreadable], [appointment(START)], [speaks('sw'), appointment(START)]]) {
      const harness = harnessWith(resources, env);
      await harness.tick(AN_HOUR_BEFORE);
      expect(textsOf(harness)[0]).toContain('am Mittwoch, 10. Juni 2026 um 17:00 Uhr');
      expect(harness.stored('Communication')[0]?.language).toBe('de-AT');
    }
  });
});
