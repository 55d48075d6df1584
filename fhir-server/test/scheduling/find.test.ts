/** Free times: whose, where, what for and when, in the time zone that is meant. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Appointment, Bundle } from '@medplum/fhirtypes';
import { appToken } from '../support/app-token.ts';
import { searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { parseMoment, zoneOf } from '../../src/operation/scheduling/moment.ts';
import { at, people, scheduler, slot, wish } from './support.ts';

let server: TestServer;
let call: ReturnType<typeof scheduler>;

const DAY = at(5, 0).slice(0, 10);
/** In a year in which we book nothing else: clocks in Vienna go forward on 2030-03-31 and back on 2030-10-27. */
const VIENNA = ['2030-03-30T23:30:00+01:00', '2030-03-31T00:00:00+01:00', '2030-03-31T23:30:00+02:00', '2030-04-01T00:00:00+02:00']; // prettier-ignore

beforeAll(async () => {
  server = await startTestServer();
  call = scheduler(server);
  await searcher(server).store(
    ...people(),
    { resourceType: 'Schedule', id: 'old-times', active: false, actor: [{ reference: 'Practitioner/doc' }] },
    slot('d1', 'doc-times', at(5, 9)),
    slot('d2', 'doc-times', at(5, 9, 20)),
    slot('d3', 'doc-times', at(5, 9, 40)),
    slot('d5', 'doc-times', at(5, 11), { serviceType: [{ coding: [{ code: 'vaccination' }] }] }),
    slot('busy', 'doc-times', at(5, 12), { status: 'busy' }),
    slot('past', 'doc-times', at(-1, 9)),
    slot('old', 'old-times', at(5, 9)),
    slot('s1', 'skin-times', at(5, 9)),
    ...VIENNA.map((start, i) => slot(`v${i}`, 'skin-times', start)),
  );
}, 60_000);
afterAll(() => server.close());

const slotsOf = (found: readonly Appointment[]): string[] =>
  found.map(({ slot: of = [] }) => of.map(({ reference = '' }) => reference.slice(5)).join('+'));
const find = async (query: string): Promise<string[]> => slotsOf(await call.find(query));
const day = `start=${DAY}&end=${DAY}`;

describe('$find', () => {
  test('proposes the free Slots of Schedules in use, by time, with whom and what for; $book takes a proposal as it is.', async () => {
    const found = await call.find(`${day}&patient-reference=Patient/p1`);
    expect(slotsOf(found)).toEqual(['d1', 's1', 'd2', 'd3', 'd5']);
    expect(found[1]).toMatchObject({
      status: 'proposed',
      start: at(5, 9),
      specialty: [{ coding: [{ code: '394582007' }] }],
      participant: [
        { actor: { reference: 'PractitionerRole/skin-role' } },
        { actor: { reference: 'Patient/p1' } },
      ],
    });
    const booked = await call.one('Appointment/$book', { 'appt-resource': found[1]! });
    // The patient is elsewhere at nine, and so is the role.
    expect(await find(`${day}&patient-reference=Patient/p1`)).toEqual(['d2', 'd3', 'd5']);
    await call.one(`Appointment/${booked.id}/$cancel`, {});
    expect(await find(`${day}&practitioner=Practitioner/skin`)).toEqual(['s1']);
  });

  test('knows practitioners by their roles, places, organizations, specialties and kinds of visit.', async () => {
    expect(await find(`${day}&practitioner=Practitioner/doc`)).toEqual(['d1', 'd2', 'd3', 'd5']);
    expect(await find(`${day}&practitioner=Practitioner/doc&practitioner=skin`)).toHaveLength(5);
    expect(await find(`${day}&location-reference=Location/harbour`)).toEqual(['s1']);
    expect(await find(`${day}&organization=Organization/o`)).toEqual(['s1']);
    expect(await find(`${day}&specialty=http://snomed.info/sct|394582007`)).toEqual(['s1']);
    expect(await find(`${day}&schedule=doc-times&_count=2`)).toEqual(['d1', 'd2']);
    expect(await find(`${day}&practitioner=Practitioner/doc&location-reference=harbour`)).toEqual([]);
    expect(await find(`${day}&specialty=none`)).toEqual([]);
  });

  test('puts Slots that follow one another together where one is too short.', async () => {
    expect(await find(`${day}&schedule=doc-times&minutes=40`)).toEqual(['d1+d2', 'd2+d3']);
    expect(await find(`${day}&schedule=doc-times&minutes=60`)).toEqual(['d1+d2+d3']);
    expect(await find(`${day}&schedule=doc-times&minutes=80`)).toEqual([]);
  });

  test('leaves out times at which a doctor has an Appointment without a Slot, and Slots that someone has.', async () => {
    const plain = { ...wish([], 'p2'), status: 'booked', start: at(5, 9), end: at(5, 9, 30) };
    const body = {
      ...plain,
      participant: [...plain.participant, { actor: { reference: 'Practitioner/doc' }, status: 'accepted' }],
    };
    const made = await call.json<Appointment>('POST', 'Appointment', { body }, 201);
    expect(await find(`${day}&schedule=doc-times`)).toEqual(['d3', 'd5']);
    await server.fhir('DELETE', `Appointment/${made.id}`);
    const held = await call.one('Appointment/$hold', { 'appt-resource': wish(['d1'], 'p2') });
    expect(await find(`${day}&schedule=doc-times`)).toEqual(['d2', 'd3', 'd5']);
    await call.one(`Appointment/${held.id}/$cancel`, {});
  });

  test('takes a day as that of the time zone, of 23 hours when the clocks go forward.', async () => {
    const night = 'start=2030-03-31&end=2030-03-31&schedule=skin-times';
    expect(await find(`${night}&time-zone=Europe/Vienna`)).toEqual(['v1', 'v2']);
    expect(await find(`${night}&time-zone=UTC`)).toEqual(['v2', 'v3']);
    expect(await find('start=2030-03-31T23:45&end=2030-04-01T01:00&schedule=skin-times&time-zone=Europe/Vienna')).toEqual(['v3']); // prettier-ignore
    expect(await find('start=2030-03-30T22:30:00Z&end=2030-03-30T23:00:00Z&schedule=skin-times')).toEqual(['v0']); // prettier-ignore
  });

  test('says that there are more than it shows.', async () => {
    const bundle = await call.json<Bundle>('GET', `Appointment/$find?${day}&_count=1`);
    expect(bundle.total).toBe(1);
    expect(bundle.entry?.[1]).toMatchObject({
      search: { mode: 'outcome' },
      resource: { issue: [{ severity: 'information' }] },
    });
  });

  test('tells nobody when a patient is taken whose Appointments he may not see.', async () => {
    const booked = await call.one('Appointment/$book', { 'appt-resource': wish(['s1'], 'p2') });
    const query = `${day}&schedule=doc-times&patient-reference=Patient/p2`;
    expect(await find(query)).toEqual(['d2', 'd3', 'd5']);
    const app = await appToken(server, 'patient', 'launch/patient patient/*.rs');
    expect(slotsOf(await call.find(query, app))).toEqual(['d1', 'd2', 'd3', 'd5']);
    const service = await server.token('system/Slot.rs system/Schedule.rs');
    expect(slotsOf(await call.find(query, service))).toEqual(['d1', 'd2', 'd3', 'd5']);
    await call.one(`Appointment/${booked.id}/$cancel`, {});
  });

  test('answers a patient’s app, shows no Appointment of others, and refuses bad input with its place.', async () => {
    const app = await appToken(server, 'patient', 'launch/patient patient/*.rs');
    expect(slotsOf(await call.find(`${day}&schedule=doc-times`, app))).toEqual(['d1', 'd2', 'd3', 'd5']);
    for (const [query, place] of [
      ['start=2026-01-01', 'end'],
      ['start=tomorrow&end=2030', 'start'],
      ['start=2030-02-30&end=2030', 'start'],
      [`${day}&time-zone=Vienna`, 'time-zone'],
      [`${day}&practitioner=Patient/p1`, 'practitioner'],
      [`${day}&minutes=-1`, 'minutes'],
      [`${day}&patient-reference=Group/1`, 'patient-reference'],
    ] as const) {
      const response = await server.fhir('GET', `Appointment/$find?${query}`);
      const outcome = (await response.json()) as { issue: { expression?: string[] }[] };
      expect([query, response.status, outcome.issue[0]?.expression]).toEqual([query, 400, [place]]);
    }
    const blind = await server.token('system/Appointment.rs');
    expect((await server.fhir('GET', `Appointment/$find?${day}`, { token: blind })).status).toBe(403);
  });
});

test('A day of a time zone has as many hours as it has there.', () => {
  const hours = (date: string, zone: string): number => {
    const { from, to } = parseMoment(date, zoneOf(zone), 'start');
    return (to - from) / 3_600_000;
  };
  expect(hours('2030-03-31', 'Europe/Vienna')).toBe(23);
  expect(hours('2030-10-27', 'Europe/Vienna')).toBe(25);
  expect(hours('2030-03-10', 'America/New_York')).toBe(23);
  expect(hours('2030-03-31', 'UTC')).toBe(24);
  expect(hours('2030-02', 'UTC')).toBe(28 * 24);
  expect(parseMoment('2030-07-01T09:00', zoneOf('Asia/Kolkata'), 'x').from).toBe(Date.parse('2030-07-01T03:30:00Z')); // prettier-ignore
});
