/** What is to come and what is over, and days across a change of the clocks. */
import { expect, test } from '@jest/globals';
import type { Appointment } from '@medplum/fhirtypes';
import {
  addDays,
  byDay,
  HOLD_OVER,
  isChangeable,
  pastOf,
  upcomingOf,
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
    { ...at('held', '2026-06-02T08:00:00Z', 'cancelled'), cancelationReason: { text: HOLD_OVER } },
  ];
  expect(ids(upcomingOf(list, NOW))).toEqual(['now', 'later']);
  expect(ids(pastOf(list, NOW))).toEqual(['cancelled', 'over']);
  expect(list.map((a) => isChangeable(a, NOW))).toEqual([true, false, false, false, false]);
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
