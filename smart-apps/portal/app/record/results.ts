/** Observations as series over time: what was measured, its values, and the range that is usual. Pure. */
import type {
  CodeableConcept,
  Observation,
  ObservationComponent,
  ObservationReferenceRange,
} from '@medplum/fhirtypes';
import { formatConcept, formatDate, formatQuantity, formatRange, formatRatio } from '@dr-assistant/ui/format';
import type { Words } from '@dr-assistant/ui/i18n';

export type ResultGroup = 'laboratory' | 'vital-signs' | 'other';

export interface ResultPoint {
  /** dateTime; undefined when nobody wrote down when. */
  readonly date: string | undefined;
  /** In words, with the unit. */
  readonly text: string;
  /** For the chart. */
  readonly value?: number;
  /** In words. */
  readonly range: string;
  readonly low?: number;
  readonly high?: number;
  /** In the laboratory's word, or by the range: above, below, or neither. */
  readonly flag?: 'high' | 'low' | 'abnormal';
}

export interface ResultSeries {
  readonly key: string;
  readonly name: string;
  readonly group: ResultGroup;
  /** The newest first. */
  readonly points: readonly ResultPoint[];
}

type Measured = Pick<
  ObservationComponent,
  'code' | 'interpretation' | 'referenceRange' | 'dataAbsentReason'
> &
  Pick<
    Observation,
    | 'valueQuantity'
    | 'valueCodeableConcept'
    | 'valueString'
    | 'valueBoolean'
    | 'valueInteger'
    | 'valueRange'
    | 'valueRatio'
    | 'valueTime'
    | 'valueDateTime'
  >;

function valueText(measured: Measured, words: Words): string {
  const { valueQuantity, valueCodeableConcept, valueRange, valueRatio, valueBoolean, valueInteger } =
    measured;
  if (valueQuantity) return formatQuantity(valueQuantity, words);
  if (valueCodeableConcept) return formatConcept(valueCodeableConcept, words);
  if (valueRange) return formatRange(valueRange, words);
  if (valueRatio) return formatRatio(valueRatio, words);
  if (valueBoolean !== undefined) return words.t(valueBoolean ? 'boolean.yes' : 'boolean.no');
  if (valueInteger !== undefined) return String(valueInteger);
  if (measured.valueDateTime !== undefined) return formatDate(measured.valueDateTime, words);
  const text = measured.valueString ?? measured.valueTime;
  if (text !== undefined) return text;
  return measured.dataAbsentReason ? formatConcept(measured.dataAbsentReason, words) : '';
}

const HIGH = ['H', 'HH', 'HU'];
const LOW = ['L', 'LL', 'LU'];

/** The codes of http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation win over the numbers. */
function flagOf(
  interpretation: readonly CodeableConcept[] | undefined,
  value: number | undefined,
  { low, high }: { low?: number | undefined; high?: number | undefined },
): ResultPoint['flag'] {
  const codes = interpretation?.flatMap((i) => i.coding?.map(({ code }) => code ?? '') ?? []) ?? [];
  if (codes.some((code) => HIGH.includes(code))) return 'high';
  if (codes.some((code) => LOW.includes(code))) return 'low';
  if (codes.some((code) => code === 'A' || code === 'AA')) return 'abnormal';
  if (codes.length > 0 || value === undefined) return undefined;
  if (high !== undefined && value > high) return 'high';
  return low !== undefined && value < low ? 'low' : undefined;
}

const rangeText = (range: ObservationReferenceRange | undefined, words: Words): string =>
  range === undefined ? '' : (range.text ?? formatRange(range, words));

/** The usual range: the one that says so or says nothing of what it is for. */
const usualRange = (ranges: readonly ObservationReferenceRange[] | undefined) =>
  ranges?.find((r) => r.type?.coding?.some(({ code }) => code === 'normal')) ??
  ranges?.find((r) => r.type === undefined);

function pointOf(measured: Measured, date: string | undefined, words: Words): ResultPoint {
  const range = usualRange(measured.referenceRange);
  const value = measured.valueQuantity?.value ?? measured.valueInteger;
  // A range in another unit cannot be drawn beside the value.
  const isOfUnit = [range?.low, range?.high].every(
    (q) => q === undefined || q.unit === measured.valueQuantity?.unit,
  );
  const [low, high] = isOfUnit ? [range?.low?.value, range?.high?.value] : [];
  const flag = flagOf(measured.interpretation, value, { low, high });
  return {
    date,
    text: valueText(measured, words),
    range: rangeText(range, words),
    ...(value === undefined ? {} : { value }),
    ...(low === undefined ? {} : { low }),
    ...(high === undefined ? {} : { high }),
    ...(flag === undefined ? {} : { flag }),
  };
}

const keyOf = ({ coding, text }: CodeableConcept, unit: string | undefined): string =>
  [coding?.[0]?.system, coding?.[0]?.code ?? text, unit].join('|');

function groupOf({ category }: Observation): ResultGroup {
  const codes = category?.flatMap((c) => c.coding?.map(({ code }) => code) ?? []) ?? [];
  return codes.includes('vital-signs')
    ? 'vital-signs'
    : codes.includes('laboratory')
      ? 'laboratory'
      : 'other';
}

/** What is measured in another unit is a series of its own. Series come by their newest value. */
export function resultSeries(observations: readonly Observation[], words: Words): ResultSeries[] {
  const series = new Map<string, { name: string; group: ResultGroup; points: ResultPoint[] }>();
  for (const observation of observations) {
    const date = observation.effectiveDateTime ?? observation.effectivePeriod?.start ?? observation.issued;
    const parts: readonly Measured[] = [observation, ...(observation.component ?? [])];
    for (const measured of parts) {
      const point = pointOf(measured, date, words);
      if (point.text === '') continue;
      const { code } = measured;
      const key = keyOf(code, measured.valueQuantity?.code ?? measured.valueQuantity?.unit);
      const known = series.get(key);
      if (known) known.points.push(point);
      else
        series.set(key, { name: formatConcept(code, words), group: groupOf(observation), points: [point] });
    }
  }
  const newest = (a: ResultPoint, b: ResultPoint): number => timeOf(b.date) - timeOf(a.date);
  return [...series]
    .map(([key, { name, group, points }]) => ({ key, name, group, points: points.toSorted(newest) }))
    .toSorted((a, b) => timeOf(b.points[0]?.date) - timeOf(a.points[0]?.date));
}

export const timeOf = (date: string | undefined): number => (date === undefined ? 0 : Date.parse(date));
