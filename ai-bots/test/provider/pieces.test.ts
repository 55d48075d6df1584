/** Pieces of a sound: nothing lost, nothing twice, none too long, cut in silence. */
import { expect, test } from '@jest/globals';
import { piecesOf } from '../../provider/transcribe/pieces.ts';

const SECOND = 16_000;

test.each([0, 1, 59, 60, 61, 119, 600])(
  'Pieces of %i seconds follow each other from start to end.',
  (seconds) => {
    const samples = new Int16Array(seconds * SECOND).map((_, i) => (i * 7_919) % 1_000);
    const pieces = piecesOf(samples);
    expect(pieces[0]?.from).toBe(0);
    expect(pieces.at(-1)?.to).toBe(samples.length);
    expect(pieces.slice(1).map((p) => p.from)).toEqual(pieces.slice(0, -1).map((p) => p.to));
    expect(pieces.every((p) => p.to - p.from <= 60 * SECOND)).toBe(true);
    expect(pieces.slice(0, -1).every((p) => p.to - p.from >= 40 * SECOND)).toBe(true);
  },
);

test('The cut is where it is quiet.', () => {
  const samples = new Int16Array(90 * SECOND).fill(3_000);
  samples.fill(20, 47 * SECOND, 47.5 * SECOND);
  expect(Math.abs((piecesOf(samples)[0]?.to ?? 0) / SECOND - 47.25)).toBeLessThan(0.3);
});
