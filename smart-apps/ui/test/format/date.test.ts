/** FHIR dates in words: as precise as they are, on the day that they say. */
import { expect, test } from '@jest/globals';
import {
  ageOn,
  formatAge,
  formatDate,
  formatDay,
  formatInstant,
  formatPeriod,
  formatTime,
} from '../../src/format/index.ts';
import { english } from '../support/english.ts';

/** Intl writes narrow spaces before AM and around dashes. */
const plain = (text: string | undefined): string | undefined => text?.replace(/[\u202f\u2009\u00a0]/g, ' ');

test.each(['Pacific/Kiritimati', 'UTC', 'America/New_York', 'Pacific/Pago_Pago'])(
  'A date is the same day in %s.',
  async (zone) => {
    const words = await english(zone);
    expect(formatDate('2024-03-01', words)).toBe('Mar 1, 2024');
    expect(formatDate('2024-03', words)).toBe('March 2024');
    expect(formatDate('2024', words)).toBe('2024');
    expect(formatDay('2024-03-01', words)).toBe('Mar 1, 2024');
  },
);

test('A moment is moved to the time zone of the user.', async () => {
  const [york, berlin] = [await english(), await english('Europe/Berlin', 'en-GB')];
  expect(plain(formatDate('2024-03-01T02:30:00Z', york))).toBe('Feb 29, 2024, 9:30 PM');
  expect(plain(formatDate('2024-03-01T02:30:00Z', berlin))).toBe('1 Mar 2024, 03:30');
  expect(plain(formatDate('2024-07-01T23:30:00.123-04:00', berlin))).toBe('2 Jul 2024, 05:30');
  expect(formatDay('2024-03-01T02:30:00Z', york)).toBe('Feb 29, 2024');
  expect(plain(formatInstant('2024-03-01T02:30:05Z', york))).toBe(
    'February 29, 2024 at 9:30:05 PM EST'.replace('February', 'Feb').replace(' at', ','),
  );
});

test('Early years and leap days keep their year; what is no date stays as it was written.', async () => {
  const words = await english();
  expect(formatDate('0050-06-01', words)).toBe('Jun 1, 50');
  expect(formatDate('2023-02-29', words)).toBe('2023-02-29');
  expect(formatDate('2023-13', words)).toBe('2023-13');
  expect(formatDate('last spring', words)).toBe('last spring');
});

test('Periods are open at the side that is not known.', async () => {
  const words = await english();
  expect(plain(formatPeriod({ start: '2024-01-03', end: '2024-01-05' }, words))).toBe('Jan 3 – 5, 2024');
  expect(formatPeriod({ start: '2024-01' }, words)).toBe('from January 2024');
  expect(formatPeriod({ end: '2024' }, words)).toBe('until 2024');
  expect(formatPeriod({ start: '2023', end: '2024-02-01' }, words)).toBe('2023 – Feb 1, 2024');
  expect(formatPeriod({ start: '2024-02-01', end: '2024-01-01' }, words)).toBe('Feb 1, 2024 – Jan 1, 2024');
  expect(formatPeriod({}, words)).toBe('');
});

test('A time of day needs no time zone.', async () => {
  expect(plain(formatTime('08:30:00', await english()))).toBe('8:30 AM');
  expect(formatTime('20:05:00', await english('UTC', 'en-GB'))).toBe('20:05');
});

test('Ages are whole years, for small children months or days, and nothing where the date is not a full one.', async () => {
  const words = await english();
  const on = new Date(2024, 2, 1);
  expect(ageOn('1984-03-01', on)).toBe(40);
  expect(ageOn('1984-03-02', on)).toBe(39);
  expect(ageOn('1984-03', on)).toBeUndefined();
  expect(formatAge('1984-03-02', on, words)).toBe('39 years');
  expect(formatAge('2022-03-02', on, words)).toBe('23 months');
  expect(formatAge('2022-03-01', on, words)).toBe('2 years');
  expect(formatAge('2024-02-29', on, words)).toBe('1 day');
  expect(formatAge('2024-01-31', on, words)).toBe('1 month');
  expect(formatAge('2024-03-02', on, words)).toBeUndefined();
  expect(formatAge(undefined, on, words)).toBeUndefined();
});
