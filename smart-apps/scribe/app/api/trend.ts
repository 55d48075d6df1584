/** Results over time: what was measured several times under one code and in one unit, as a series. */
import type { Observation, Quantity } from '@medplum/fhirtypes';

export interface TrendPoint {
  /** dateTime */
  readonly date: string;
  /** One for each series. */
  readonly values: readonly (Quantity | undefined)[];
}

export interface Trend {
  readonly key: string;
  readonly code: Observation['code'];
  /** Names of components: systolic and diastolic. One empty name for a plain value. */
  readonly series: readonly Observation['code'][];
  /** From old to new. */
  readonly points: readonly TrendPoint[];
}

const keyOf = ({ coding, text }: Observation['code']): string => {
  const [first] = coding ?? [];
  return first === undefined ? (text ?? '') : `${first.system ?? ''}|${first.code ?? ''}`;
};

const dateOf = (o: Observation): string =>
  o.effectiveDateTime ?? o.effectivePeriod?.start ?? o.effectiveInstant ?? o.issued ?? '';

function quantitiesOf(o: Observation): readonly { code: Observation['code']; quantity: Quantity }[] {
  if (o.valueQuantity !== undefined) return [{ code: {}, quantity: o.valueQuantity }];
  if (o.valueInteger !== undefined) return [{ code: {}, quantity: { value: o.valueInteger } }];
  return (o.component ?? []).flatMap(({ code, valueQuantity }) =>
    valueQuantity === undefined ? [] : [{ code, quantity: valueQuantity }],
  );
}

/** Another unit is another trend: 70 kg and 154 lb are no rise. */
function trendKey(o: Observation): string {
  const units = quantitiesOf(o).map(({ quantity }) => quantity.code ?? quantity.unit ?? '');
  return [keyOf(o.code), ...units.slice(0, 1)].join(' ');
}

/** Observations with numbers, by code; those with the newest value first. */
export function trendsOf(observations: readonly Observation[]): Trend[] {
  const groups = Map.groupBy(
    observations.filter((o) => quantitiesOf(o).length > 0),
    trendKey,
  );
  const trends = [...groups].map(([key, group]): Trend => {
    const sorted = group.toSorted((a, b) => Date.parse(dateOf(a)) - Date.parse(dateOf(b)));
    const series = new Map(
      sorted.flatMap((o) => quantitiesOf(o).map(({ code }) => [keyOf(code), code] as const)),
    );
    const points = sorted.map((o): TrendPoint => {
      const found = quantitiesOf(o);
      const valueOf = (name: string): Quantity | undefined =>
        found.find(({ code }) => keyOf(code) === name)?.quantity;
      return { date: dateOf(o), values: [...series.keys()].map(valueOf) };
    });
    return { key, code: sorted.at(-1)!.code, series: [...series.values()], points };
  });
  const newest = (trend: Trend): number => Date.parse(trend.points.at(-1)?.date ?? '') || 0;
  return trends.toSorted((a, b) => newest(b) - newest(a));
}

/** Observations that have words instead of numbers. */
export const spokenResults = (observations: readonly Observation[]): readonly Observation[] =>
  observations.filter(
    (o) =>
      quantitiesOf(o).length === 0 &&
      (o.valueCodeableConcept !== undefined || o.valueString !== undefined || o.valueBoolean !== undefined),
  );

/** Points of a polyline in a box, a string for each series; moments are spread by time. */
export function linesOf(trend: Trend, width: number, height: number): string[] {
  const times = trend.points.map((p) => Date.parse(p.date));
  const all = trend.points.flatMap((p) => p.values.flatMap((v) => v?.value ?? []));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const x = (time: number): number =>
    last === first ? width / 2 : ((time - first) / (last - first)) * width;
  const y = (value: number): number =>
    high === low ? height / 2 : height - ((value - low) / (high - low)) * height;
  return trend.series.map((_code, i) =>
    trend.points
      .flatMap((p, at) => {
        const value = p.values[i]?.value;
        return value === undefined ? [] : [`${x(times[at] ?? first).toFixed(1)},${y(value).toFixed(1)}`];
      })
      .join(' '),
  );
}
