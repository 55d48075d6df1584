/** When reminders are due, in the time zone of the place. */
import { describe, expect, test } from '@jest/globals';
import { dueAt, leadDue } from '../../bot/appointment-reminder/due.ts';
import { reminderSettings } from '../../bot/appointment-reminder/settings.ts';

const hours = (count: number): number => count * 3_600_000;
const newYork = { timeZone: 'America/New_York', quietHours: { from: 21 * 60, to: 8 * 60 } };
const leads = [hours(2), hours(48)];
const at = (text: string): Date => new Date(text);

describe('A reminder is due', () => {
  test('so long before the start.', () => {
    expect(dueAt(at('2026-06-10T18:00:00Z'), hours(2), newYork)).toEqual(at('2026-06-10T16:00:00Z'));
  });

  test('after the quiet hours when it would come in them, where clocks show their end.', () => {
    // 13:00 in New York; two days before at 13:00 is no quiet hour, six hours before is 07:00.
    expect(dueAt(at('2026-06-10T17:00:00Z'), hours(6), newYork)).toEqual(at('2026-06-10T12:00:00Z'));
    // In winter the same clock time is an hour later in UTC.
    expect(dueAt(at('2026-12-10T18:00:00Z'), hours(6), newYork)).toEqual(at('2026-12-10T13:00:00Z'));
  });

  test('before the quiet hours when they end too close to the start.', () => {
    // 08:15 in New York: two hours before is 06:15, and 08:00 would be too late.
    expect(dueAt(at('2026-06-10T12:15:00Z'), hours(2), newYork)).toEqual(at('2026-06-10T00:30:00Z'));
  });

  test('at the hours that clocks show on both sides of a change to daylight saving.', () => {
    // Clocks went forward on 8 March 2026 at 02:00: 48 hours before 09:00 is 08:00 two days earlier.
    const start = at('2026-03-09T13:00:00Z');
    expect(dueAt(start, hours(48), newYork)).toEqual(at('2026-03-07T13:00:00Z'));
    // The night of the change is an hour shorter; the quiet hours end at 08:00 as clocks show it.
    expect(dueAt(at('2026-03-08T15:00:00Z'), hours(6), newYork)).toEqual(at('2026-03-08T12:00:00Z'));
  });
});

describe('The lead time that is due', () => {
  const start = at('2026-06-10T18:00:00Z');
  test.each([
    ['more than 48 hours before', '2026-06-08T17:59:59Z', undefined],
    ['48 hours before', '2026-06-08T18:00:00Z', hours(48)],
    ['in the night between', '2026-06-09T05:00:00Z', undefined],
    ['an hour before, the short one alone', '2026-06-10T17:00:00Z', hours(2)],
    ['at the start', '2026-06-10T18:00:00Z', undefined],
    ['after the start', '2026-06-10T18:00:01Z', undefined],
  ])('is right %s.', (_case, now, expected) => {
    expect(leadDue(start, leads, newYork, at(now))).toBe(expected);
  });
});

describe('The settings', () => {
  test('have defaults.', () => {
    expect(reminderSettings({})).toEqual({
      everyMinutes: 5,
      leadTimesMs: [hours(2), hours(48)],
      timeZone: 'UTC',
      language: 'en',
      quietHours: { from: 21 * 60, to: 8 * 60 },
    });
  });

  test('that make no sense are told all at once.', () => {
    const wrong = {
      REMINDER_EVERY_MINUTES: '0',
      REMINDER_LEAD_TIMES: '48h,soon',
      REMINDER_TIME_ZONE: 'Mars/Olympus',
      REMINDER_LANGUAGE: 'sw',
      REMINDER_QUIET_HOURS: '25:00-08:00',
    };
    expect(() => reminderSettings(wrong)).toThrow(
      /REMINDER_TIME_ZONE[^]*REMINDER_LANGUAGE[^]*REMINDER_QUIET_HOURS[^]*REMINDER_EVERY_MINUTES[^]*REMINDER_LEAD_TIMES/,
    );
  });
});
