/** Observations as series, their flags, and the chart of a series. */
import { beforeAll, expect, test } from '@jest/globals';
import type { Observation } from '@medplum/fhirtypes';
import type { Words } from '@dr-assistant/ui/i18n';
import { english } from '../../../ui/test/support/english.ts';
import { resultSeries } from '../../app/record/results.ts';
import { trendShape } from '../../app/record/trend.ts';

let words: Words;
beforeAll(async () => {
  words = await english();
});

const glucose = (date: string, value: number, more: Partial<Observation> = {}): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'Glucose' },
  effectiveDateTime: date,
  valueQuantity: { value, unit: 'mg/dL' },
  referenceRange: [{ low: { value: 70, unit: 'mg/dL' }, high: { value: 99, unit: 'mg/dL' } }],
  ...more,
});

test('Values of one thing are a series, the newest first, each beside its range.', () => {
  const [series] = resultSeries(
    [glucose('2025-01-01', 60), glucose('2026-01-01', 120), glucose('2025-06-01', 80)],
    words,
  );
  expect(series?.points.map(({ text, range, flag }) => [text, range, flag])).toEqual([
    ['120 mg/dL', '70–99 mg/dL', 'high'],
    ['80 mg/dL', '70–99 mg/dL', undefined],
    ['60 mg/dL', '70–99 mg/dL', 'low'],
  ]);
});

test('The laboratory’s own word counts more than the range, and another unit is another series.', () => {
  const normal = { coding: [{ code: 'N' }] };
  const series = resultSeries(
    [
      glucose('2026-01-02', 120, { interpretation: [normal] }),
      glucose('2026-01-01', 6, { valueQuantity: { value: 6, unit: 'mmol/L' } }),
    ],
    words,
  );
  expect(series.map(({ points }) => [points[0]?.text, points[0]?.flag])).toEqual([
    ['120 mg/dL', undefined],
    ['6 mmol/L', undefined],
  ]);
});

test('Components are series of their own; what has no value is none.', () => {
  const pressure: Observation = {
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'Blood pressure' },
    component: [
      { code: { text: 'Systolic' }, valueQuantity: { value: 130, unit: 'mmHg' } },
      { code: { text: 'Position' }, valueCodeableConcept: { text: 'sitting' } },
    ],
  };
  expect(resultSeries([pressure], words).map(({ name, points }) => [name, points[0]?.text])).toEqual([
    ['Systolic', '130 mmHg'],
    ['Position', 'sitting'],
  ]);
});

test('The chart goes from the oldest to the newest within its box; one value is no trend.', () => {
  const box = { width: 100, height: 50, margin: 5 };
  const [series] = resultSeries([glucose('2025-01-01', 60), glucose('2026-01-01', 120)], words);
  const shape = trendShape(series?.points ?? [], box);
  expect(shape?.points).toEqual([
    { x: 5, y: 45 },
    { x: 95, y: 5 },
  ]);
  expect(shape?.band?.y).toBeCloseTo(19);
  expect(shape?.band?.height).toBeCloseTo(19.333, 2);
  expect(trendShape(series?.points.slice(0, 1) ?? [], box)).toBeUndefined();
});
