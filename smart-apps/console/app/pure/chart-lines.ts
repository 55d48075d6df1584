/** Values over time as lines in a box. */

export interface Point {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Undefined leaves a gap. */
  readonly value: number | undefined;
}

/** A round number that is not below the highest value: 1, 2 or 5 times a power of ten. */
export function ceilingOf(lines: readonly (readonly Point[])[]): number {
  const highest = Math.max(0, ...lines.flatMap((points) => points.flatMap(({ value }) => value ?? [])));
  if (highest === 0) return 1;
  const power = 10 ** Math.floor(Math.log10(highest));
  return ([1, 2, 5, 10].find((step) => step * power >= highest) ?? 10) * power;
}

/** Of one line its stretches without a gap, as points of polylines; the box begins at zero. */
export function stretchesOf(points: readonly Point[], { from, to, ceiling, width, height }: Box): string[] {
  const stretches: string[][] = [[]];
  for (const { at, value } of points) {
    if (value === undefined) {
      stretches.push([]);
      continue;
    }
    const x = to === from ? width : ((at - from) / (to - from)) * width;
    const y = height - (value / ceiling) * height;
    stretches.at(-1)!.push(`${x.toFixed(1)},${y.toFixed(1)}`);
  }
  // One value alone is a dot, which a line to itself draws.
  return stretches.filter((s) => s.length > 0).map((s) => (s.length === 1 ? [...s, ...s] : s).join(' '));
}

export interface Box {
  readonly from: number;
  readonly to: number;
  readonly ceiling: number;
  readonly width: number;
  readonly height: number;
}
