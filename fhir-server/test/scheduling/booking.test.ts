/** Appointments in Slots: whoever books, in whichever way, a Slot belongs to one of them. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Appointment, Slot } from '@medplum/fhirtypes';
import { SHIPPED_POLICIES } from '../../src/access/index.ts';
import { appToken } from '../support/app-token.ts';
import { addRights, userToken } from '../support/rights.ts';
import { searcher } from '../support/searcher.ts';
import { CLINIC, startTestServer, type TestServer } from '../support/server.ts';
import { at, FAMILY, people, scheduler, slot, wish } from './support.ts';

let server: TestServer;
let call: ReturnType<typeof scheduler>;
let patientApp: string;
let minute = 0;

beforeAll(async () => {
  server = await startTestServer();
  call = scheduler(server);
  await searcher(server).store(...people());
  patientApp = await appToken(server, 'patient', 'launch/patient patient/*.cruds');
}, 60_000);
afterAll(() => server.close());

/** Free Slots in a row, of times that no other test uses. */
async function slots(name: string, count: number, schedule = 'doc-times'): Promise<string[]> {
  const begin = Date.parse(at(2, 0)) + minute * 60_000;
  minute += count * 20 + 40;
  const timed = Array.from({ length: count }, (_, i) => {
    const start = new Date(begin + i * 20 * 60_000).toISOString().replace('.000Z', 'Z');
    return slot(`${name}-${i}`, schedule, start);
  });
  await searcher(server).store(...timed);
  return timed.map(({ id = '' }) => id);
}

describe('$book', () => {
  test('makes an Appointment of the time, the people and the kind of its Slots, which are busy then.', async () => {
    const [a = '', b = ''] = await slots('row', 2);
    const booked = await call.one('Appointment/$book', {
      'appt-resource': wish([a, b], 'p1', { description: 'Cough' }),
    });
    expect(booked).toMatchObject({
      status: 'booked',
      description: 'Cough',
      minutesDuration: 40,
      specialty: [FAMILY],
      slot: [{ reference: `Slot/${a}` }, { reference: `Slot/${b}` }],
      participant: [
        { actor: { reference: 'Patient/p1' }, status: 'accepted' },
        { actor: { reference: 'Practitioner/doc' }, status: 'accepted' },
      ],
    });
    expect(await call.json<Appointment>('GET', `Appointment/${booked.id}`)).toEqual(booked);
    expect([await call.slotStatus(a), await call.slotStatus(b)]).toEqual(['busy', 'busy']);
    const outcome = await call.refused('Appointment/$book', { 'appt-resource': wish([b], 'p2') }, 409);
    expect(outcome.issue[0]).toMatchObject({ code: 'conflict', diagnostics: `Slot/${b} is taken` });
  });

  test('of fifty attempts at once for one Slot succeeds exactly one; the others get 409.', async () => {
    const [id = ''] = await slots('rush', 1);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        server.fhir('POST', 'Appointment/$book', {
          body: call.parameters({ 'appt-resource': wish([id], i % 2 === 0 ? 'p1' : 'p2') }),
        }),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(49);
    const found = await searcher(server).ids(`Appointment?slot=Slot/${id}&status=booked`);
    expect(found).toHaveLength(1);
  }, 60_000);

  test('and plain creates beside it: one Slot, one Appointment.', async () => {
    const [id = ''] = await slots('mixed', 1);
    const plain: Appointment = { ...wish([id], 'p1'), status: 'booked', start: at(9, 8), end: at(9, 9) };
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        i % 2 === 0
          ? server.fhir('POST', 'Appointment', { body: plain })
          : server.fhir('POST', 'Appointment/$book', {
              body: call.parameters({ 'appt-resource': wish([id], 'p2') }),
            }),
      ),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(new Set(answers.map(({ status }) => status).filter((s) => s >= 400))).toEqual(new Set([409]));
  }, 60_000);

  test('refuses what does not go together, with the place of the fault.', async () => {
    const [a = '', b = '', c = ''] = await slots('odd', 3);
    const [skin = ''] = await slots('skin', 1, 'skin-times');
    const reason = async (resource: object, status = 400) =>
      (await call.refused('Appointment/$book', { 'appt-resource': resource }, status)).issue[0];
    expect(await reason(wish([a, c], 'p1'))).toMatchObject({
      diagnostics: 'The Slots must follow one another without a gap',
      expression: ['Appointment.slot'],
    });
    expect(await reason(wish([a, skin], 'p1'))).toMatchObject({
      diagnostics: 'The Slots of each Schedule must make up the same time',
    });
    expect(await reason(wish([], 'p1'))).toMatchObject({ expression: ['Appointment.slot'] });
    expect(await reason(wish(['none'], 'p1'))).toMatchObject({ diagnostics: 'There is no Slot/none' });
    expect(await reason(wish([b]))).toMatchObject({ expression: ['Appointment.participant'] });
    expect(await reason(wish([b], 'p1', { start: at(300, 1), end: at(300, 2) }))).toMatchObject({
      expression: ['Appointment.start'],
    });
    expect(await call.slotStatus(a)).toBe('free');
  });

  test('refuses a second Appointment of a doctor or a patient at one time, whatever Slot or none they are in.', async () => {
    const [own = ''] = await slots('own', 1);
    const { start, end } = await call.json<Slot>('GET', `Slot/${own}`);
    await call.json(
      'POST',
      'Appointment',
      { body: { ...wish([], 'p2'), slot: undefined, status: 'booked', start, end } },
      201,
    );
    const outcome = await call.refused('Appointment/$book', { 'appt-resource': wish([own], 'p2') }, 409);
    expect(outcome.issue[0]?.diagnostics).toBe('Patient/p2 has another appointment at this time');
    await call.one('Appointment/$book', { 'appt-resource': wish([own], 'p1') });
  });

  test('refuses a Slot that is closed, and one of a Schedule that is not in use.', async () => {
    const [id = ''] = await slots('closed', 1);
    const stored = await call.json<Slot>('GET', `Slot/${id}`);
    await call.json('PUT', `Slot/${id}`, { body: { ...stored, status: 'busy-unavailable' } });
    await call.refused('Appointment/$book', { 'appt-resource': wish([id], 'p1') }, 409);
    const plain = { ...wish([id], 'p1'), status: 'booked', start: stored.start, end: stored.end };
    await call.json('POST', 'Appointment', { body: plain }, 409);
    expect(await call.slotStatus(id)).toBe('busy-unavailable');
  });
});

describe('Slots follow', () => {
  test('a plain update: cancelled, they are free; deleted too; moved, the others are busy.', async () => {
    const [a = '', b = ''] = await slots('plain', 2);
    const booked = await call.one('Appointment/$book', { 'appt-resource': wish([a], 'p1') });
    const path = `Appointment/${booked.id}`;
    await call.json('PUT', path, { body: { ...booked, slot: [{ reference: `Slot/${b}` }] } });
    expect([await call.slotStatus(a), await call.slotStatus(b)]).toEqual(['free', 'busy']);
    await call.json('PUT', path, { body: { ...booked, status: 'cancelled' } });
    expect(await call.slotStatus(b)).toBe('free');
    await call.json('PUT', path, { body: booked });
    expect(await call.slotStatus(a)).toBe('busy');
    expect((await server.fhir('DELETE', path)).ok).toBe(true);
    expect(await call.slotStatus(a)).toBe('free');
    await call.one('Appointment/$book', { 'appt-resource': wish([a], 'p2') });
  });

  test('a transaction; one that wants a Slot twice is refused, and nothing of it is there.', async () => {
    const [a = ''] = await slots('bundle', 1);
    const { start, end } = await call.json<Slot>('GET', `Slot/${a}`);
    const entry = (patientId: string) => ({
      resource: { ...wish([a], patientId), status: 'booked', start, end },
      request: { method: 'POST', url: 'Appointment' },
    });
    const bundle = (...ids: string[]) => ({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: ids.map(entry),
    });
    await call.json('POST', '', { body: bundle('p1', 'p2') }, 409);
    expect(await call.slotStatus(a)).toBe('free');
    await call.json('POST', '', { body: bundle('p1') });
    expect(await call.slotStatus(a)).toBe('busy');
  });

  test('an import of busy Slots with their Appointments.', async () => {
    const busy = slot('imported', 'doc-times', at(40, 9), { status: 'busy' });
    const appointment = { ...wish(['imported'], 'p1'), id: 'imported', status: 'booked', start: busy.start, end: busy.end }; // prettier-ignore
    const entry = [busy, appointment].map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    }));
    await call.json('POST', '', { body: { resourceType: 'Bundle', type: 'transaction', entry } });
    await call.refused('Appointment/$book', { 'appt-resource': wish(['imported'], 'p2') }, 409);
  });
});

describe('$hold', () => {
  test('keeps the Slots for a while: pending until $book confirms, and taken for others.', async () => {
    const [a = ''] = await slots('held', 1);
    const held = await call.one('Appointment/$hold', { 'appt-resource': wish([a], 'p1') });
    expect(held.status).toBe('pending');
    expect(Date.parse(held.extension?.[0]?.valueInstant ?? '') - Date.now()).toBeGreaterThan(500_000);
    expect(await call.slotStatus(a)).toBe('busy-tentative');
    await call.refused('Appointment/$book', { 'appt-resource': wish([a], 'p2') }, 409);
    const booked = await call.one(`Appointment/${held.id}/$book`, {});
    expect(booked).toMatchObject({ id: held.id, status: 'booked' });
    expect(booked.extension).toBeUndefined();
    expect(await call.slotStatus(a)).toBe('busy');
    await call.refused(`Appointment/${held.id}/$book`, {}, 409);
  });
});

test('Elements that are hidden from who cancels or moves stay in the Appointment, and are not in the answer.', async () => {
  const { rules } = SHIPPED_POLICIES.find(({ name }) => name === 'receptionist')!;
  const elements = [{ resourceType: 'Appointment', hidden: ['comment'] }];
  await addRights(server, {
    policies: [{ name: 'desk', rules, elements }],
    users: [{ username: 'desk', role: 'desk', fhirUser: 'Practitioner/desk2', organization: CLINIC }],
  });
  const desk = await userToken(server, 'desk');
  const [a = '', b = ''] = await slots('hidden', 2);
  const resource = wish([a], 'p1', { comment: 'for the doctor alone' });
  const held = await call.one('Appointment/$hold', { 'appt-resource': resource });
  const booked = await call.one(`Appointment/${held.id}/$book`, {}, desk);
  expect([booked.status, booked.comment]).toEqual(['booked', undefined]);
  const moving = { 'appt-resource': wish([b], 'p1'), 'cancelled-appt-id': `Appointment/${held.id}` };
  const moved = await call.one('Appointment/$book', moving, desk);
  const cancelled = await call.one(`Appointment/${moved.id}/$cancel`, {}, desk);
  expect(cancelled.status).toBe('cancelled');
  expect(await call.json<Appointment>('GET', `Appointment/${held.id}`)).toMatchObject({
    status: 'cancelled',
    comment: 'for the doctor alone',
  });
});

describe('A patient', () => {
  test('books, moves and cancels for himself alone, without a right to write Appointments.', async () => {
    const [a = '', b = ''] = await slots('patient', 2);
    const plain = { ...wish([a], 'p1'), status: 'booked' };
    expect((await server.fhir('POST', 'Appointment', { body: plain, token: patientApp })).status).toBe(403);
    const booked = await call.one('Appointment/$book', { 'appt-resource': wish([a]) }, patientApp);
    expect(booked.participant[0]?.actor).toEqual({ reference: 'Patient/p1' });
    await call.refused('Appointment/$book', { 'appt-resource': wish([b], 'p2') }, 403, patientApp);
    const moved = await call.one(
      'Appointment/$book',
      { 'appt-resource': wish([b]), 'cancelled-appt-id': `Appointment/${booked.id}` },
      patientApp,
    );
    expect([await call.slotStatus(a), await call.slotStatus(b)]).toEqual(['free', 'busy']);
    expect(await call.json<Appointment>('GET', `Appointment/${booked.id}`)).toMatchObject({
      status: 'cancelled',
      cancelationReason: { text: 'Moved' },
    });
    const cancelled = await call.one(`Appointment/${moved.id}/$cancel`, {}, patientApp);
    expect(cancelled.status).toBe('cancelled');
    expect(await call.slotStatus(b)).toBe('free');
    await call.refused(`Appointment/${moved.id}/$cancel`, {}, 409, patientApp);
  });

  test('neither confirms nor cancels an Appointment that is of other patients too.', async () => {
    const [a = ''] = await slots('group', 1);
    const both = wish([a], 'p1');
    const participant = [
      ...both.participant,
      { actor: { reference: 'Patient/p2' }, status: 'accepted' as const },
    ];
    const group = await call.one('Appointment/$hold', { 'appt-resource': { ...both, participant } });
    const own = { 'appt-resource': wish([a], 'p1') };
    for (const parts of [{}, own])
      await call.refused(`Appointment/${group.id}/$book`, parts, 409, patientApp);
    await call.refused(`Appointment/${group.id}/$cancel`, {}, 409, patientApp);
    const [b = ''] = await slots('group-move', 1);
    const move = { 'appt-resource': wish([b]), 'cancelled-appt-id': `Appointment/${group.id}` };
    await call.refused('Appointment/$book', move, 409, patientApp);
    expect(await call.json<Appointment>('GET', `Appointment/${group.id}`)).toEqual(group);
  });

  test('neither moves nor cancels what is another patient’s, nor books with an app that may only read.', async () => {
    const [a = '', b = ''] = await slots('foreign', 2);
    const other = await call.one('Appointment/$book', { 'appt-resource': wish([a], 'p2') });
    await call.refused(`Appointment/${other.id}/$cancel`, {}, 404, patientApp);
    await call.refused(
      'Appointment/$book',
      { 'appt-resource': wish([b]), 'cancelled-appt-id': `Appointment/${other.id}` },
      404,
      patientApp,
    );
    await call.refused(`Appointment/${other.id}/$book`, {}, 404, patientApp);
    expect([await call.slotStatus(a), await call.slotStatus(b)]).toEqual(['busy', 'free']);
    const reader = await appToken(server, 'patient', 'launch/patient patient/*.rs');
    await call.refused('Appointment/$book', { 'appt-resource': wish([b]) }, 403, reader);
    const receptionless = await server.token('system/Slot.rs system/Schedule.rs');
    await call.refused('Appointment/$book', { 'appt-resource': wish([b], 'p1') }, 403, receptionless);
  });
});
