/** Places on the waitlist, and how many times one patient may have on hold or wait for. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Appointment } from '@medplum/fhirtypes';
import { appToken } from '../support/app-token.ts';
import { userToken } from '../support/rights.ts';
import { searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { at, FAMILY, people, scheduler, slot, wish } from './support.ts';

let server: TestServer;
let call: ReturnType<typeof scheduler>;
let patientApp: string;

beforeAll(async () => {
  server = await startTestServer({ SCHEDULING_HOLDS_MAX: '2', SCHEDULING_WAITLIST_MAX: '3' });
  call = scheduler(server);
  const slots = Array.from({ length: 24 }, (_, i) => slot(`s${i}`, 'doc-times', at(2, i)));
  await searcher(server).store(...people(), ...slots);
  patientApp = await appToken(server, 'patient', 'launch/patient patient/*.cruds');
}, 60_000);
afterAll(() => server.close());

const DOCTOR = { actor: { reference: 'Practitioner/doc' }, status: 'accepted' as const };
const SOON = [{ start: at(1, 0), end: at(20, 0) }];

const wait = (patientId?: string, more: Partial<Appointment> = {}): Appointment => ({
  ...wish([], patientId),
  status: 'waitlist',
  requestedPeriod: SOON,
  ...more,
});

const cancelAll = async (status: string): Promise<void> => {
  for (const id of await searcher(server).ids(`Appointment?status=${status}`))
    await call.one(`Appointment/${id}/$cancel`, {});
};

describe('$waitlist', () => {
  test('makes an Appointment without a time, with whom and when it would suit.', async () => {
    const given = wait('p1', { description: 'Knee', specialty: [FAMILY], minutesDuration: 20 });
    const participant = [...given.participant, DOCTOR, DOCTOR];
    const made = await call.one('Appointment/$waitlist', { 'appt-resource': { ...given, participant } });
    expect(made).toMatchObject({
      status: 'waitlist',
      description: 'Knee',
      specialty: [FAMILY],
      minutesDuration: 20,
      requestedPeriod: SOON,
      participant: [
        { actor: { reference: 'Patient/p1' }, status: 'accepted' },
        { actor: { reference: 'Practitioner/doc' }, required: 'required', status: 'needs-action' },
      ],
    });
    expect(made.participant).toHaveLength(2);
    for (const name of ['start', 'end', 'slot']) expect(made).not.toHaveProperty(name);
    const booked = await call.one(`Appointment/${made.id}/$book`, { 'appt-resource': wish(['s0'], 'p1') });
    expect(booked).toMatchObject({ id: made.id, status: 'booked', description: 'Knee' });
    await call.one(`Appointment/${made.id}/$cancel`, {});
  });

  test('lets a patient wait for himself alone, take no Slot, and leave the list.', async () => {
    const taking = wait(undefined, { slot: [{ reference: 'Slot/s1' }], start: at(2, 1), end: at(2, 2) });
    const made = await call.one('Appointment/$waitlist', { 'appt-resource': { ...taking, participant: [DOCTOR] } }, patientApp); // prettier-ignore
    expect(made.participant.map(({ actor }) => actor?.reference)).toEqual(['Patient/p1', 'Practitioner/doc']);
    expect(made).not.toHaveProperty('slot');
    expect(await call.slotStatus('s1')).toBe('free');
    await call.refused('Appointment/$waitlist', { 'appt-resource': wait('p2') }, 403, patientApp);
    const both = [...wait('p1').participant, ...wait('p2').participant];
    await call.refused('Appointment/$waitlist', { 'appt-resource': wait('p1', { participant: both }) }, 403, patientApp); // prettier-ignore
    const plain = { ...wait('p1'), participant: wait('p1').participant };
    expect((await server.fhir('POST', 'Appointment', { body: plain, token: patientApp })).status).toBe(403);
    const left = await call.one(`Appointment/${made.id}/$cancel`, {}, patientApp);
    expect(left.status).toBe('cancelled');
  });

  test('is for the desk, too, which may as well write the Appointment as it is.', async () => {
    const desk = await userToken(server, 'receptionist');
    const made = await call.one('Appointment/$waitlist', { 'appt-resource': wait('p2') }, desk);
    const plain = await call.json<Appointment>('POST', 'Appointment', { body: wait('p2'), token: desk }, 201);
    expect([made.status, plain.status]).toEqual(['waitlist', 'waitlist']);
    await cancelAll('waitlist');
  });

  test('is refused to an app that may only read, and to a service without the scope.', async () => {
    const reader = await appToken(server, 'patient', 'launch/patient patient/*.rs');
    await call.refused('Appointment/$waitlist', { 'appt-resource': wait() }, 403, reader);
    const other = await server.token('system/Slot.rs system/Appointment.rs');
    await call.refused('Appointment/$waitlist', { 'appt-resource': wait('p1') }, 403, other);
  });

  test.each([
    ['no Appointment', {}, 'appt-resource'],
    ['no patient', { 'appt-resource': { ...wait(), participant: [DOCTOR] } }, 'Appointment.participant'],
    [
      'no period',
      { 'appt-resource': { ...wait('p1'), requestedPeriod: undefined } },
      'Appointment.requestedPeriod',
    ],
    ['a period without an end', { 'appt-resource': wait('p1', { requestedPeriod: [{ start: at(1, 0) }] }) }, 'Appointment.requestedPeriod[0]'], // prettier-ignore
    ['a period that ends before it starts', { 'appt-resource': wait('p1', { requestedPeriod: [{ start: at(3, 0), end: at(2, 0) }] }) }, 'Appointment.requestedPeriod[0]'], // prettier-ignore
    ['a period that is over', { 'appt-resource': wait('p1', { requestedPeriod: [{ start: at(-3, 0), end: at(-2, 0) }] }) }, 'Appointment.requestedPeriod'], // prettier-ignore
    ['eleven periods', { 'appt-resource': wait('p1', { requestedPeriod: Array.from({ length: 11 }, () => SOON[0]!) }) }, 'Appointment.requestedPeriod'], // prettier-ignore
  ])('is refused with %s, with the place of the fault.', async (_title, parts, place) => {
    const outcome = await call.refused('Appointment/$waitlist', parts, 400);
    // A Period that ends before it starts is no Period, whoever asks for it.
    expect(
      outcome.issue[0]?.expression?.[0]?.replace('Parameters.parameter[0].resource', 'Appointment'),
    ).toBe(place);
  });

  test('is refused with what is no Appointment at all.', async () => {
    const odd: readonly object[] = [
      { ...wait('p1'), participant: undefined },
      { ...wait('p1'), participant: 'p1' },
      { ...wait('p1'), requestedPeriod: { start: at(1, 0), end: at(2, 0) } },
      { ...wait('p1'), requestedPeriod: [{ start: 'soon', end: 'later' }] },
      { resourceType: 'Slot', id: 's1' },
    ];
    for (const resource of odd)
      await call.refused('Appointment/$waitlist', { 'appt-resource': resource }, 400);
  });

  test('takes so many of one patient, also at once, and others still.', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        server.fhir('POST', 'Appointment/$waitlist', {
          body: call.parameters({ 'appt-resource': wait('p1') }),
        }),
      ),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 200, 200, 409, 409, 409, 409, 409]);
    const outcome = await call.refused('Appointment/$waitlist', { 'appt-resource': wait() }, 409, patientApp);
    expect(outcome.issue[0]).toMatchObject({
      code: 'business-rule',
      diagnostics: 'Patient/p1 is on the waitlist 3 times, and no more are; cancel one of them',
      expression: ['Appointment.status'],
    });
    await call.one('Appointment/$waitlist', { 'appt-resource': wait('p2') });
    await cancelAll('waitlist');
  });
});

describe('Times on hold', () => {
  const hold = (id: string, patientId = 'p1'): Promise<Appointment> =>
    call.one('Appointment/$hold', { 'appt-resource': wish([id], patientId) });

  test('are at most so many of one patient, whoever holds them; what is given back or booked counts no more.', async () => {
    const first = await hold('s2');
    await call.one('Appointment/$hold', { 'appt-resource': wish(['s3']) }, patientApp);
    for (const token of [undefined, patientApp]) {
      const outcome = await call.refused('Appointment/$hold', { 'appt-resource': wish(['s4'], 'p1') }, 409, token); // prettier-ignore
      expect(outcome.issue[0]).toMatchObject({
        code: 'business-rule',
        diagnostics: 'Patient/p1 has 2 times on hold, and no more are; book or cancel one of them',
        expression: ['Appointment.status'],
      });
    }
    expect(await call.slotStatus('s4')).toBe('free');
    await hold('s5', 'p2');
    // The same one for longer is no further one.
    await call.one(`Appointment/${first.id}/$hold`, {});
    await call.one(`Appointment/${first.id}/$book`, {});
    const again = await hold('s4');
    await call.refused('Appointment/$hold', { 'appt-resource': wish(['s6'], 'p1') }, 409);
    await call.one(`Appointment/${again.id}/$cancel`, {});
    await hold('s6');
    await call.one('Appointment/$book', { 'appt-resource': wish(['s7'], 'p1') });
    await cancelAll('pending');
  });

  test('end when the server says, whatever a patient asks for.', async () => {
    const url = 'https://dr-assistant.example/fhir/StructureDefinition/appointment-held-until';
    const extension = [{ url, valueInstant: '2099-01-01T00:00:00Z' }];
    const held = await call.one('Appointment/$hold', { 'appt-resource': wish(['s14'], undefined, { extension }) }, patientApp); // prettier-ignore
    expect(held.extension).toHaveLength(1);
    expect(Date.parse(held.extension?.[0]?.valueInstant ?? '') - Date.now()).toBeLessThan(601_000);
    await cancelAll('pending');
  });

  test('are no more when they come at once.', async () => {
    const ids = ['s8', 's9', 's10', 's11', 's12', 's13'];
    const answers = await Promise.all(
      ids.map((id) =>
        server.fhir('POST', 'Appointment/$hold', {
          body: call.parameters({ 'appt-resource': wish([id], 'p1') }),
        }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 409, 409, 409, 409]);
    await cancelAll('pending');
  });
});
