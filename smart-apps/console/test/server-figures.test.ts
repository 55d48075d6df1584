/** What happened between two looks at the server's figures, and how it is drawn. */
import { expect, test } from '@jest/globals';
import { ceilingOf, stretchesOf } from '../app/pure/chart-lines.ts';
import { busiest, quantileMs, sampleOf, type ServerFigures } from '../app/pure/server-figures.ts';

const BOUNDS = [0.01, 0.1, 1];
const figures = (second: number, requests: ServerFigures['requests'], process = 1): ServerFigures => ({
  at: new Date(second * 1_000).toISOString(),
  process,
  processes: 1,
  requests,
  bounds: BOUNDS,
  inFlight: 1,
  pool: { total: 4, idle: 3, waiting: 0 },
  eventLoopDelay: { p50Ms: 10, p99Ms: 12 },
  memory: { rssBytes: 1, heapUsedBytes: 1 },
});
const read = (count: number, buckets: readonly number[], status = '2xx') => ({ interaction: 'read', status, count, buckets }); // prettier-ignore

test('Counts become rates of the time between, and what the console itself asks for is left out.', () => {
  const before = figures(0, [read(10, [10, 10, 10, 10])]);
  const after = figures(5, [
    read(20, [10, 20, 20, 20]),
    read(5, [5, 5, 5, 5], '5xx'),
    { interaction: 'admin', status: '2xx', count: 50, buckets: [0, 0, 0, 50] },
  ]);
  const sample = sampleOf(before, after);
  expect([...(sample?.perSecond ?? [])]).toEqual([['read', 3]]);
  expect(sample).toMatchObject({ errorsPerSecond: 1, refusedPerSecond: 0 });
  expect(sample?.p50Ms).toBeCloseTo(10 + 90 * 0.25, 6);
  expect(sample?.p99Ms).toBeLessThanOrEqual(100);
});

test('Two processes, a start between them, or no time, are no sample; no requests have no times.', () => {
  const before = figures(0, [read(10, [10, 10, 10, 10])]);
  expect(sampleOf(before, figures(5, [read(11, [11, 11, 11, 11])], 2))).toBeUndefined();
  expect(sampleOf(before, figures(5, [read(2, [2, 2, 2, 2])]))).toBeUndefined();
  expect(sampleOf(before, before)).toBeUndefined();
  expect(sampleOf(before, figures(5, before.requests))).toMatchObject({ p50Ms: undefined, p99Ms: undefined });
});

test.each([
  [[0, 0, 0, 0], 0.5, undefined],
  [[10, 10, 10, 10], 0.5, 5],
  [[0, 10, 10, 10], 0.5, 55],
  [[0, 0, 0, 10], 0.5, 1_000],
  [[99, 99, 100, 100], 0.99, 10],
])('Of %j the share %d is at %s ms.', (buckets, share, ms) => {
  expect(quantileMs(buckets, BOUNDS, share)).toEqual(ms === undefined ? undefined : expect.closeTo(ms, 6));
});

test('The busiest interactions come first, and those without requests not at all.', () => {
  const sample = (perSecond: readonly [string, number][]) =>
    ({ ...sampleOf(figures(0, []), figures(5, []))!, perSecond: new Map(perSecond) }) as const;
  const samples = [sample([['read', 1], ['create', 4]]), sample([['read', 2], ['vread', 0]])]; // prettier-ignore
  expect([busiest(samples, 1), busiest(samples, 9)]).toEqual([['create'], ['create', 'read']]);
});

test('Lines begin at zero, end below a round number, and have gaps where there is no value.', () => {
  const points = [
    { at: 0, value: 1 },
    { at: 1, value: undefined },
    { at: 2, value: 3 },
    { at: 4, value: 0 },
  ];
  expect([ceilingOf([points]), ceilingOf([]), ceilingOf([[{ at: 0, value: 0.03 }]])]).toEqual([5, 1, 0.05]);
  const box = { from: 0, to: 4, ceiling: 5, width: 40, height: 10 };
  expect(stretchesOf(points, box)).toEqual(['0.0,8.0 0.0,8.0', '20.0,4.0 40.0,10.0']);
  expect(stretchesOf([{ at: 7, value: 1 }], { ...box, from: 7, to: 7 })).toEqual(['40.0,8.0 40.0,8.0']);
});
