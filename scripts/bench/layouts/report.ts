/** Results → markdown tables. */
import type { LoadResult } from './load.ts';
import type { MixedResult, PlanResult, SearchResult } from './measure.ts';

export interface LayoutResult {
  readonly scale: number;
  readonly layout: string;
  readonly title: string;
  readonly load: LoadResult;
  readonly searches: Readonly<Record<string, SearchResult>>;
  readonly plans: readonly PlanResult[];
  readonly mixed: MixedResult;
}

type Line = readonly (string | number)[];

function table(head: readonly string[], lines: readonly Line[]): string {
  const row = (cells: Line): string => `| ${cells.join(' | ')} |`;
  return [row(head), row(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...lines.map(row)].join('\n');
}

const ms = (value: number): string => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
const whole = (value: number): string => Math.round(value).toString();

export function markdownReport(results: readonly LayoutResult[]): string {
  const scales = [...new Set(results.map((r) => r.scale))];
  return scales
    .map((scale) =>
      scaleReport(
        scale,
        results.filter((r) => r.scale === scale),
      ),
    )
    .join('\n\n');
}

function scaleReport(scale: number, results: readonly LayoutResult[]): string {
  const perResource = (bytes: number, r: LayoutResult): string => whole(bytes / r.load.resources);
  const load = table(
    ['layout', 'load, resources/s', 'client CPU, µs each', 'heap, B each', 'indexes, B each', 'sum, B each'],
    results.map((r) => [
      r.title,
      whole(r.load.resourcesPerSecond),
      whole(r.load.clientCpuMicroseconds),
      perResource(r.load.heapBytes, r),
      perResource(r.load.indexBytes, r),
      perResource(r.load.heapBytes + r.load.indexBytes, r),
    ]),
  );
  const mixed = table(
    ['layout', 'written, resources/s', 'reads', 'read p50, ms', 'read p99, ms'],
    results.map((r) => [
      r.title,
      whole(r.mixed.writtenPerSecond),
      r.mixed.reads,
      ms(r.mixed.p50),
      ms(r.mixed.p99),
    ]),
  );
  const searched = results.filter((r) => Object.keys(r.searches).length > 0);
  const names = [...new Set(searched.flatMap((r) => Object.keys(r.searches)))];
  const searches = table(
    ['p50 / p99 ms, and per second on 4 connections', ...searched.map((r) => r.title)],
    names.map((name) => [
      name,
      ...searched.map((r) => {
        const s = r.searches[name];
        return s ? `${ms(s.p50)} / ${ms(s.p99)}, ${whole(s.perSecond)}/s (${s.rows.toFixed(1)} rows)` : '';
      }),
    ]),
  );
  const plans = table(
    ['layout', 'search', 'plan_cache_mode', 'p50, ms', 'p99, ms', 'planning, ms', 'custom/generic plans'],
    searched.flatMap((r) =>
      r.plans.map((p) => [
        r.title,
        p.search,
        p.mode,
        ms(p.p50),
        ms(p.p99),
        ms(p.planningMs),
        `${p.customPlans}/${p.genericPlans}`,
      ]),
    ),
  );
  return [
    `## ${scale} resources`,
    '### Load and size',
    load,
    '### Searches',
    searches,
    '### Plans of prepared statements',
    plans,
    '### Searches by patient and code while one connection writes bundles',
    mixed,
  ].join('\n\n');
}
