/** Where in the recording something was said. */
import { expect, test } from '@jest/globals';
import { clockTime, spanOf } from '../app/api/cue-time.ts';
import { parseVtt } from '../app/api/note-draft.ts';

const cues = parseVtt(`WEBVTT

c1
00:01.000 --> 00:02.500
One.

c2
00:00:02.600 --> 00:00:04.000
Two.

c3
01:02:03.004 --> 01:02:05.000
Late.
`);

test('Times of cues are milliseconds, with hours and without.', () => {
  expect(cues.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
    [1_000, 2_500],
    [2_600, 4_000],
    [3_723_004, 3_725_000],
  ]);
});

test('What follows closely is heard in one go; what was said much later is not waited for.', () => {
  expect(spanOf(cues, ['c2', 'c1'])).toEqual({ startMs: 700, endMs: 4_300 });
  expect(spanOf(cues, ['c1', 'c3'])).toEqual({ startMs: 700, endMs: 2_800 });
});

test('A cue at the very start has no time before it, and words without a time cannot be heard.', () => {
  expect(spanOf([{ id: 'a', text: 'Hello.', startMs: 0, endMs: 100 }], ['a'])).toEqual({
    startMs: 0,
    endMs: 400,
  });
  expect(spanOf([{ id: 'a', text: 'Hello.' }], ['a'])).toBeUndefined();
});

test('A time is shown in minutes and seconds, with hours where there are any.', () => {
  expect([0, 65_999, 3_600_000].map(clockTime)).toEqual(['0:00', '1:05', '1:00:00']);
});
