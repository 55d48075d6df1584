/** Slots of recurring availability: when, across the changes of clocks, and what happens when it changes. */
import { describe, expect, test } from '@jest/globals';
import type { Extension, Schedule, Slot } from '@medplum/fhirtypes';
import bot from '../../bot/timetable/handler.ts';
import { parseRecurrence, RECURRENCE_URL, type Recurrence } from '../../bot/timetable/recurrence.ts';
import { timesOf } from '../../bot/timetable/times.ts';
import { createHarness } from '../../sdk/test-harness.ts';

interface Week {
  readonly zone?: string;
  readonly minutes?: number;
  readonly days?: readonly string[];
  readonly start?: string;
  readonly end?: string;
  readonly notAvailable?: Extension['valuePeriod'];
}

const recurrence = (week: Week = {}): Extension => ({
  url: RECURRENCE_URL,
  extension: [
    { url: 'timeZone', valueCode: week.zone ?? 'Europe/Vienna' },
    { url: 'minutesDuration', valuePositiveInt: week.minutes ?? 30 },
    {
      url: 'availableTime',
      extension: [
        ...(week.days ?? ['mon', 'tue']).map((valueCode) => ({ url: 'daysOfWeek', valueCode })),
        { url: 'start', valueTime: week.start ?? '09:00:00' },
        { url: 'end', valueTime: week.end ?? '10:00:00' },
      ],
    },
    ...(week.notAvailable ? [{ url: 'notAvailable', valuePeriod: week.notAvailable }] : []),
  ],
});

const schedule = (week: Week = {}, more: Partial<Schedule> = {}): Schedule => ({
  resourceType: 'Schedule',
  id: 's',
  active: true,
  actor: [{ reference: 'Practitioner/doc' }],
  specialty: [{ coding: [{ code: 'family' }] }],
  extension: [recurrence(week)],
  ...more,
});

const parsed = (week: Week): Recurrence => {
  const found = parseRecurrence(schedule(week));
  if (found === undefined || 'fault' in found) throw new Error('no recurrence');
  return found.recurrence;
};
const starts = (week: Week, from: string, to: string): string[] =>
  timesOf(parsed(week), new Date(from), new Date(to)).map((time) => time.start);

// 2026-06-08 is a Monday.
const NOW = '2026-06-07T12:00:00Z';
const env = { TIMETABLE_AHEAD_DAYS: '7' };

describe('Times', () => {
  test('are those of the week by the clocks of the place, with their offset.', () => {
    expect(starts({}, NOW, '2026-06-14T12:00:00Z')).toEqual([
      '2026-06-08T09:00:00+02:00',
      '2026-06-08T09:30:00+02:00',
      '2026-06-09T09:00:00+02:00',
      '2026-06-09T09:30:00+02:00',
    ]);
  });

  test('stay at nine o’clock when the clocks change.', () => {
    const week = { days: ['sun', 'mon'], end: '09:30:00' };
    expect(starts(week, '2026-03-28T12:00:00Z', '2026-03-31T12:00:00Z')).toEqual([
      '2026-03-29T09:00:00+02:00',
      '2026-03-30T09:00:00+02:00',
    ]);
    expect(starts(week, '2026-10-24T12:00:00Z', '2026-10-27T12:00:00Z')).toEqual([
      '2026-10-25T09:00:00+01:00',
      '2026-10-26T09:00:00+01:00',
    ]);
  });

  test('of a night are as many as it has hours, and none comes twice.', () => {
    const night = { days: ['sun'], start: '00:00:00', end: '23:59:00', minutes: 60 };
    const of = (day: string): string[] =>
      starts(night, `${day}T00:00:00+12:00`, new Date(Date.parse(day) + 2 * 86_400_000).toISOString());
    expect(of('2026-03-29')).toHaveLength(23);
    expect(of('2026-10-25')).toHaveLength(25);
    expect(of('2026-06-07')).toHaveLength(24);
    expect(new Set(of('2026-10-25')).size).toBe(25);
  });

  test('are left out while nobody is there; a date is its whole day.', () => {
    const away = (start: string, end: string): string[] =>
      starts({ notAvailable: { start, end } }, NOW, '2026-06-10T00:00:00Z').map((time) => time.slice(5, 16));
    expect(away('2026-06-01', '2026-06-08')).toEqual(['06-09T09:00', '06-09T09:30']);
    expect(away('2026-06-08T09:15:00+02:00', '2026-06-09T09:30:00+02:00')).toEqual(['06-09T09:30']);
  });
});

describe('The bot', () => {
  test('makes Slots ahead, of the kind of the Schedule, once.', async () => {
    const harness = createHarness(bot, { resources: [schedule()], env, now: NOW });
    const { outcome, written } = await harness.deliver(schedule());
    expect(outcome).toBe('done');
    expect(written).toHaveLength(4);
    expect(harness.stored('Slot')[0]).toMatchObject({
      schedule: { reference: 'Schedule/s' },
      status: 'free',
      start: '2026-06-08T09:00:00+02:00',
      end: '2026-06-08T09:30:00+02:00',
      specialty: [{ coding: [{ code: 'family' }] }],
    });
    await harness.tick('2026-06-09T01:15:00Z');
    expect(harness.stored('Slot').map(({ start }) => start.slice(0, 10))).toContain('2026-06-15');
  });

  test('withdraws what is offered no more and offers it again, and leaves alone what is taken or closed by hand.', async () => {
    const harness = createHarness(bot, { resources: [schedule()], env, now: NOW });
    await harness.deliver(schedule());
    const [first, second, ...others] = harness.stored('Slot') as [Slot, Slot, ...Slot[]];
    harness.put({ ...first, status: 'busy' });
    harness.put({ ...second, status: 'busy-unavailable' });
    const statuses = (): string[] => harness.stored('Slot').map(({ status }) => status);
    const wednesdays = schedule({ days: ['wed'] });
    harness.put(wednesdays);
    await harness.deliver(wednesdays);
    const withdrawn = others.map(() => 'entered-in-error');
    expect(statuses()).toEqual(['busy', 'busy-unavailable', ...withdrawn, 'free', 'free']);
    harness.put(schedule());
    await harness.deliver(schedule());
    expect(statuses().slice(0, 4)).toEqual(['busy', 'busy-unavailable', 'free', 'free']);
    harness.put(schedule({}, { active: false }));
    await harness.deliver(schedule({}, { active: false }));
    expect(statuses().filter((status) => status === 'free')).toEqual([]);
  });

  test('makes none over a time that a Slot of others has.', async () => {
    const own: Slot = {
      resourceType: 'Slot',
      id: 'theirs',
      schedule: { reference: 'Schedule/s' },
      status: 'busy',
      start: '2026-06-08T07:15:00Z',
      end: '2026-06-08T07:45:00Z',
    };
    const harness = createHarness(bot, { resources: [schedule(), own], env, now: NOW });
    await harness.deliver(schedule());
    expect(harness.stored('Slot').map(({ start }) => start.slice(5, 16))).toEqual([
      '06-08T07:15',
      '06-09T09:00',
      '06-09T09:30',
    ]);
  });

  test('ignores Schedules without weeks, and says what is wrong with faulty ones.', async () => {
    const plain: Schedule = { ...schedule(), extension: [] };
    const harness = createHarness(bot, { resources: [plain], env, now: NOW });
    expect((await harness.deliver(plain)).written).toEqual([]);
    const faulty = (week: Week): string | undefined => {
      const found = parseRecurrence(schedule(week));
      return found !== undefined && 'fault' in found ? found.fault : undefined;
    };
    expect(faulty({ zone: 'Vienna' })).toMatch(/timeZone/);
    expect(faulty({ minutes: 1 })).toMatch(/minutesDuration/);
    expect(faulty({ start: '10:00:00', end: '09:00:00' })).toMatch(/availableTime/);
    expect(faulty({ days: ['monday'] })).toMatch(/availableTime/);
  });
});
