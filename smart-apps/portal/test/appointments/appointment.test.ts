/** What is to come and what is over, and days across a change of the clocks. */
import { expect, test } from '@jest/globals';
import type { Appointment } from '@medplum/fhirtypes';
import {
  addDays,
  byDay,
  codedReason,
  isChangeable,
  offersOf,
  pastOf,
  upcomingOf,
  waitingOf,
} from '../../app/appointments/appointment.ts';

const at = (id: string, start: string, status: Appointment['status'] = 'booked'): Appointment => ({
  resourceType: 'Appointment',
  id,
  status,
  start,
  end: new Date(Date.parse(start) + 20 * 60_000).toISOString(),
  participant: [],
});
const NOW = new Date('2026-06-01T12:10:00Z');
const ids = (list: readonly Appointment[]): (string | undefined)[] => list.map(({ id }) => id);

test('What has begun is still to come until it ends, and can be changed no more; what was only held is not told.', () => {
  const list = [
    at('later', '2026-06-03T08:00:00Z'),
    at('now', '2026-06-01T12:00:00Z'),
    at('over', '2026-06-01T08:00:00Z'),
    at('cancelled', '2026-06-02T08:00:00Z', 'cancelled'),
    ...(['hold-released', 'offer-declined'] as const).map((code) => ({
      ...at(code, '2026-06-02T08:00:00Z', 'cancelled'),
      cancelationReason: codedReason(code, 'Whatever the language'),
    })),
  ];
  expect(ids(upcomingOf(list, NOW))).toEqual(['now', 'later']);
  expect(ids(pastOf(list, NOW))).toEqual(['cancelled', 'over']);
  expect(list.map((a) => isChangeable(a, NOW))).toEqual([true, false, false, false, false, false]);
});

const OFFER = 'https://dr-assistant.example/fhir/StructureDefinition/appointment-held-until';
const offered = (id: string, until: string): Appointment => ({
  ...at(id, '2026-06-04T08:00:00Z', 'pending'),
  extension: [{ url: OFFER, valueInstant: until }],
  supportingInformation: [{ reference: 'Appointment/waiting' }],
});

test('What waits and what is offered stand by themselves, and are neither to come nor past; an offer ends with its time.', () => {
  const waiting: Appointment = { resourceType: 'Appointment', id: 'waiting', status: 'waitlist', participant: [] }; // prettier-ignore
  const { status: _status, ...served } = waiting;
  const moved = [{ system: 'https://dr-assistant.example/fhir/CodeSystem/appointment-cancelation-reason', code: 'moved' }]; // prettier-ignore
  const list: Appointment[] = [
    waiting,
    { ...served, id: 'served', status: 'cancelled', cancelationReason: { coding: moved } },
    { ...at('moved', '2026-05-30T08:00:00Z', 'cancelled'), cancelationReason: { coding: moved } },
    offered('kept', '2026-06-01T13:00:00Z'),
    offered('late', '2026-06-01T12:00:00Z'),
    at('held', '2026-06-05T08:00:00Z', 'pending'),
    // What refers to another Appointment for a reason of its own is no offer.
    {
      ...offered('asked', '2026-06-01T13:00:00Z'),
      supportingInformation: [{ reference: 'Appointment/moved' }],
    },
    { ...at('follow-up', '2026-06-06T08:00:00Z', 'pending'), supportingInformation: [{ reference: 'Appointment/waiting' }] }, // prettier-ignore
  ];
  expect(ids(offersOf(list, NOW))).toEqual(['kept']);
  expect(ids(waitingOf(list))).toEqual(['waiting']);
  expect(ids(upcomingOf(list, NOW))).toEqual(['asked', 'held', 'follow-up']);
  expect(ids(pastOf(list, NOW))).toEqual(['moved']);
});

test('Free times stand under their day in the time zone, in order.', () => {
  const days = byDay([at('c', '2026-06-02T03:00:00Z'), at('b', '2026-06-02T05:00:00Z'), at('a', '2026-06-01T13:00:00Z')], 'America/New_York'); // prettier-ignore
  expect(days.map(([day, times]) => [day, ids(times)])).toEqual([
    ['2026-06-01', ['a', 'c']],
    ['2026-06-02', ['b']],
  ]);
});

test('A week is seven days when the clocks change, too.', () => {
  expect(addDays('2026-10-28', 7)).toBe('2026-11-04');
  expect(addDays('2026-03-02', -7)).toBe('2026-02-23');
});
