/** A small chart's geometry: where the points lie in a box, and the band of what is usual. Pure. */
import { timeOf, type ResultPoint } from './results.ts';

export interface TrendShape {
  /** `x,y` for an SVG polyline, the oldest first. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly band?: { readonly y: number; readonly height: number };
}

/** Undefined for fewer than two values with a date: that is no trend. */
export function trendShape(
  points: readonly ResultPoint[],
  { width, height, margin }: { width: number; height: number; margin: number },
): TrendShape | undefined {
  const drawn = points
    .flatMap(({ date, value }) =>
      date === undefined || value === undefined ? [] : [{ time: timeOf(date), value }],
    )
    .toSorted((a, b) => a.time - b.time);
  const [first, last] = [drawn[0], drawn.at(-1)];
  if (first === undefined || last === undefined || drawn.length < 2) return undefined;
  const { low, high } = points[0] ?? {};
  const values = [...drawn.map(({ value }) => value), ...[low, high].filter((n) => n !== undefined)];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const x = (time: number): number =>
    last.time === first.time
      ? width / 2
      : margin + ((time - first.time) / (last.time - first.time)) * (width - 2 * margin);
  const y = (value: number): number =>
    most === least
      ? height / 2
      : height - margin - ((value - least) / (most - least)) * (height - 2 * margin);
  const placed = drawn.map(({ time, value }) => ({ x: x(time), y: y(value) }));
  if (low === undefined && high === undefined) return { points: placed };
  // A range that is open on one side goes to the edge.
  const top = high === undefined ? 0 : y(high);
  const bottom = low === undefined ? height : y(low);
  return { points: placed, band: { y: top, height: bottom - top } };
}
