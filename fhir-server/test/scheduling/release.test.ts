/** Holds that are over: for whoever books next at once, and given back by the workers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Appointment } from '@medplum/fhirtypes';
import { createOfflineServer } from '../../src/cli/offline-server.ts';
import { createPool, type Pool } from '../../src/db/index.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { startReleasingHolds } from '../../src/scheduling/index.ts';
import { searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { at, people, scheduler, slot, wish } from './support.ts';

let server: TestServer;
let call: ReturnType<typeof scheduler>;
let pool: Pool;
let held: Appointment;
let day = 2;

beforeAll(async () => {
  server = await startTestServer();
  call = scheduler(server);
  pool = createPool(configOf(server));
}, 60_000);
afterAll(async () => {
  await pool.end();
  await server.close();
});

beforeEach(async () => {
  day += 1;
  await searcher(server).store(
    ...people(),
    slot('s1', 'doc-times', at(day, 9)),
    slot('s2', 'doc-times', at(day, 9, 20)),
  );
  await pool.query('delete from slot_occupancy');
  held = await call.one('Appointment/$hold', { 'appt-resource': wish(['s1', 's2'], 'p1') });
});

const configOf = ({ databaseUrl, baseUrl }: TestServer) =>
  loadConfig({
    DATABASE_URL: databaseUrl,
    BASE_URL: baseUrl,
    COOKIE_SECRET: 'a secret that is long enough for tests',
  });

const HELD_UNTIL = 'https://dr-assistant.example/fhir/StructureDefinition/appointment-held-until';

test('A pending Appointment that somebody writes has its Slots until the time that it says, and for good without one.', async () => {
  const until = async (): Promise<(Date | null)[]> =>
    (
      await pool.query<{ held_until: Date | null }>(
        'select held_until from slot_occupancy where appointment_id = $1',
        [held.id],
      )
    ).rows.map((row) => row.held_until);
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const body = { ...held, extension: [{ url: HELD_UNTIL, valueInstant: later }] };
  await call.json('PUT', `Appointment/${held.id}`, { body });
  expect((await until()).map((one) => one?.toISOString())).toEqual([later, later]);
  const { extension: _held, ...forGood } = held;
  await call.json('PUT', `Appointment/${held.id}`, { body: forGood });
  expect(await until()).toEqual([null, null]);
  const over = [{ url: HELD_UNTIL, valueInstant: new Date(Date.now() - 1_000).toISOString() }];
  await call.json('PUT', `Appointment/${held.id}`, { body: { ...held, extension: over } });
  await call.one('Appointment/$book', { 'appt-resource': wish(['s1'], 'p2') });
  expect((await heldNow()).status).toBe('cancelled');
});

const expire = () => pool.query("update slot_occupancy set held_until = now() - interval '1 second'");
const heldNow = (): Promise<Appointment> => call.json('GET', `Appointment/${held.id}`);
const slots = async (): Promise<string[]> => [await call.slotStatus('s1'), await call.slotStatus('s2')];

test('One Slot of it is booked: the rest is free, the Appointment is cancelled and is booked no more.', async () => {
  await expire();
  await call.one('Appointment/$book', { 'appt-resource': wish(['s2'], 'p2') });
  expect(await heldNow()).toMatchObject({ status: 'cancelled' });
  expect(await slots()).toEqual(['free', 'busy']);
  await call.refused(`Appointment/${held.id}/$book`, {}, 409);
});

test('Whoever held it may still book while nobody else has.', async () => {
  await expire();
  expect((await call.one(`Appointment/${held.id}/$book`, {})).status).toBe('booked');
  expect(await slots()).toEqual(['busy', 'busy']);
});

test('A worker cancels it, and leaves alone what is booked or still held.', async () => {
  const offline = await createOfflineServer(configOf(server), pool);
  const release = startReleasingHolds(offline, 50, createLogger('test', 'fatal'));
  try {
    await sleep(200);
    expect((await heldNow()).status).toBe('pending');
    await expire();
    for (let i = 0; i < 200 && (await heldNow()).status === 'pending'; i += 1) await sleep(20);
    expect(await heldNow()).toMatchObject({
      status: 'cancelled',
      cancelationReason: {
        coding: [
          {
            system: 'https://dr-assistant.example/fhir/CodeSystem/appointment-cancelation-reason',
            code: 'hold-expired',
          },
        ],
        text: 'It was held, and not booked in time.',
      },
    });
    expect(await slots()).toEqual(['free', 'free']);
    const booked = await call.one('Appointment/$book', { 'appt-resource': wish(['s1'], 'p2') });
    await sleep(200);
    expect((await call.json<Appointment>('GET', `Appointment/${booked.id}`)).status).toBe('booked');
  } finally {
    await release.stop();
  }
});
