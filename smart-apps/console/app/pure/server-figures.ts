/** What an api counts (`GET /admin/metrics`), and what happened between two looks at it. */

export interface ServerFigures {
  readonly at: string;
  readonly process: number;
  readonly processes: number;
  readonly requests: readonly RequestFigures[];
  readonly bounds: readonly number[];
  readonly inFlight: number;
  readonly pool: { readonly total: number; readonly idle: number; readonly waiting: number };
  readonly eventLoopDelay: { readonly p50Ms: number; readonly p99Ms: number };
  readonly memory: { readonly rssBytes: number; readonly heapUsedBytes: number };
}

interface RequestFigures {
  readonly interaction: string;
  readonly status: string;
  readonly count: number;
  readonly buckets: readonly number[];
}

/** What came between two looks, and how the process was at the second. */
export interface Sample {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** By interaction, without what the console itself asks for. */
  readonly perSecond: ReadonlyMap<string, number>;
  readonly errorsPerSecond: number;
  readonly refusedPerSecond: number;
  /** Of what was answered; undefined where nothing was. */
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly figures: ServerFigures;
}

/** The roads that tell how the server does, and not what it does. */
const OWN = new Set(['admin', 'health']);

/** Undefined where the two are of different processes, or the process was started anew between them. */
export function sampleOf(before: ServerFigures, after: ServerFigures): Sample | undefined {
  const seconds = (Date.parse(after.at) - Date.parse(before.at)) / 1_000;
  if (before.process !== after.process || !(seconds > 0)) return undefined;
  const changes = after.requests.map((now) => changeOf(before, now));
  if (changes.some(({ count }) => count < 0)) return undefined;
  const counted = changes.filter(({ interaction }) => !OWN.has(interaction));
  const perSecond = new Map<string, number>();
  for (const { interaction, count } of counted)
    perSecond.set(interaction, (perSecond.get(interaction) ?? 0) + count / seconds);
  const rateOf = (status: string): number =>
    counted.filter((r) => r.status === status).reduce((sum, { count }) => sum + count, 0) / seconds;
  const buckets = sumBuckets(counted, after.bounds.length + 1);
  return {
    at: Date.parse(after.at),
    perSecond,
    errorsPerSecond: rateOf('5xx'),
    refusedPerSecond: rateOf('4xx'),
    p50Ms: quantileMs(buckets, after.bounds, 0.5),
    p99Ms: quantileMs(buckets, after.bounds, 0.99),
    figures: after,
  };
}

function changeOf(before: ServerFigures, now: RequestFigures): RequestFigures {
  const was = before.requests.find((r) => r.interaction === now.interaction && r.status === now.status);
  return {
    ...now,
    count: now.count - (was?.count ?? 0),
    buckets: now.buckets.map((value, i) => value - (was?.buckets[i] ?? 0)),
  };
}

const sumBuckets = (requests: readonly RequestFigures[], length: number): number[] =>
  Array.from({ length }, (_, i) => requests.reduce((sum, { buckets }) => sum + (buckets[i] ?? 0), 0));

/**
 * Where the share lies, in milliseconds, spread evenly within its bucket; in the last one, which has no end, its beginning.
 * @param buckets counts up to each bound, and of all
 * @param bounds in seconds
 */
export function quantileMs(
  buckets: readonly number[],
  bounds: readonly number[],
  share: number,
): number | undefined {
  const all = buckets.at(-1) ?? 0;
  if (all === 0) return undefined;
  const rank = all * share;
  const at = buckets.findIndex((count) => count >= rank);
  const upper = bounds[at];
  if (upper === undefined) return (bounds.at(-1) ?? 0) * 1_000;
  const [lower, below] = at === 0 ? [0, 0] : [bounds[at - 1] ?? 0, buckets[at - 1] ?? 0];
  const within = (buckets[at] ?? 0) - below;
  return (lower + (within === 0 ? 0 : (rank - below) / within) * (upper - lower)) * 1_000;
}

/** The interactions with the most requests over the samples; the others come together. */
export function busiest(samples: readonly Sample[], most: number): string[] {
  const sums = new Map<string, number>();
  for (const { perSecond } of samples)
    for (const [name, rate] of perSecond) sums.set(name, (sums.get(name) ?? 0) + rate);
  return [...sums]
    .filter(([, sum]) => sum > 0)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([name]) => name);
}
