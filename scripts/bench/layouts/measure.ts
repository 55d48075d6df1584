/** Latency and throughput of searches, plans of prepared statements, updates, and reads while others write. */
import type pg from 'pg';
import type { SearchParameterRegistry } from '../../../fhir-server/src/search/index.ts';
import type { Probe, Row } from './dataset.ts';
import type { Layout } from './layout.ts';
import { SEARCHES, type Search } from './search-terms.ts';
import { searchOf } from './searches.ts';
import { updateStatement } from './update.ts';
import { bundleStatements, writeBundle } from './write.ts';

export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

export interface SearchResult extends Latency {
  readonly perSecond: number;
  /** Mean number of rows, to see that layouts find the same. */
  readonly rows: number;
}

const WARM_EXECUTIONS = 20;
const EXECUTIONS = 200;
/** From the start of the warm ones. */
const WARM_TIME_MS = 10_000;
const EXECUTION_TIME_MS = 20_000;
const PLAN_MODES = ['auto', 'force_generic_plan', 'force_custom_plan'] as const;

/** Of at least one execution. */
function latency(milliseconds: number[]): Latency {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!;
  return { p50: at(0.5), p99: at(0.99) };
}

const probeAt = (probes: readonly Probe[], i: number): Probe => probes[(i * 7919) % probes.length]!;

async function run(client: pg.ClientBase, name: string, search: Search, probe: Probe): Promise<number> {
  const result = await client.query({ name, text: search.text, values: search.values(probe) });
  return result.rows.length;
}

/**
 * Warm executions first: PostgreSQL makes five custom plans before it considers a generic one. What is so slow that there
 * is no time for all of them is measured at least once.
 */
async function repeat(client: pg.ClientBase, name: string, search: Search, probes: readonly Probe[]) {
  const times: number[] = [];
  let rows = 0;
  const begin = performance.now();
  for (let i = 0; i < WARM_EXECUTIONS + EXECUTIONS; i += 1) {
    const start = performance.now();
    if (times.length > 0 && start - begin > EXECUTION_TIME_MS) break;
    const found = await run(client, name, search, probeAt(probes, i));
    if (i < WARM_EXECUTIONS && start - begin < WARM_TIME_MS) continue;
    times.push(performance.now() - start);
    rows += found;
  }
  return { ...latency(times), rows: rows / times.length };
}

async function throughput(
  clients: readonly pg.ClientBase[],
  seconds: number,
  work: (client: pg.ClientBase, i: number) => Promise<unknown>,
): Promise<number> {
  const start = performance.now();
  let count = 0;
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() - start < seconds * 1000) {
        count += 1;
        await work(client, count);
      }
    }),
  );
  return (count / (performance.now() - start)) * 1000;
}

export interface Subject {
  readonly clients: readonly [pg.ClientBase, ...pg.ClientBase[]];
  readonly layout: Layout;
  readonly probes: readonly Probe[];
  /** Types with resources in patients' compartments. */
  readonly types: readonly string[];
  readonly seconds: number;
  readonly registry: SearchParameterRegistry;
}

export async function measureSearches(subject: Subject): Promise<Record<string, SearchResult>> {
  const { clients, layout, probes, types, seconds } = subject;
  const results: Record<string, SearchResult> = {};
  for (const name of SEARCHES) {
    const search = searchOf(name, layout, types);
    const one = await repeat(clients[0], name, search, probes);
    const perSecond = await throughput(clients, seconds, (c, i) => run(c, name, search, probeAt(probes, i)));
    results[name] = { ...one, perSecond };
  }
  return results;
}

export async function measureUpdates(subject: Subject, rows: readonly Row[]): Promise<SearchResult> {
  const { clients, layout, registry, seconds } = subject;
  const observations = rows.filter((r) => r.type === 'Observation');
  const update = (client: pg.ClientBase, i: number): Promise<unknown> =>
    client.query(updateStatement(observations[i % observations.length]!, layout, registry, i));
  const times: number[] = [];
  for (let i = 0; i < EXECUTIONS; i += 1) {
    const start = performance.now();
    await update(clients[0], i);
    times.push(performance.now() - start);
  }
  return { ...latency(times), perSecond: await throughput(clients, seconds, update), rows: 1 };
}

export interface PlanResult extends Latency {
  readonly search: string;
  readonly mode: string;
  readonly planningMs: number;
  /** How many of the executions had a plan of their own. */
  readonly customPlans: number;
  readonly genericPlans: number;
}

export async function measurePlans({ clients, layout, probes, types }: Subject): Promise<PlanResult[]> {
  const [client] = clients;
  const results: PlanResult[] = [];
  for (const name of ['patient and code', 'patient, newest first'] as const) {
    const search = searchOf(name, layout, types);
    for (const mode of PLAN_MODES) {
      await client.query(`set plan_cache_mode = ${mode}`);
      const statement = `${name} ${mode}`;
      const times = await repeat(client, statement, search, probes);
      const planning: number[] = [];
      for (let i = 0; i < 20; i += 1) {
        const explained = await client.query<{ 'QUERY PLAN': [{ 'Planning Time': number }] }>(
          `explain (summary, format json) ${search.text}`,
          search.values(probeAt(probes, i)),
        );
        planning.push(explained.rows[0]!['QUERY PLAN'][0]['Planning Time']);
      }
      const { rows } = await client.query<{ custom_plans: string; generic_plans: string }>(
        'select custom_plans, generic_plans from pg_prepared_statements where name = $1',
        [statement],
      );
      results.push({
        search: name,
        mode,
        p50: times.p50,
        p99: times.p99,
        planningMs: latency(planning).p50,
        customPlans: Number(rows[0]!.custom_plans),
        genericPlans: Number(rows[0]!.generic_plans),
      });
    }
  }
  await client.query('reset plan_cache_mode');
  return results;
}

export interface MixedResult extends Latency {
  readonly writtenPerSecond: number;
  readonly reads: number;
}

/** One connection writes bundles, and another searches by patient and code until it is done. */
export async function measureReadsDuringWrites(
  { clients, layout, probes, types, registry }: Subject,
  bundles: readonly (readonly Row[])[],
): Promise<MixedResult> {
  const [reader, writer = reader] = clients;
  const ready = bundles.map((rows) => bundleStatements(rows, layout, registry));
  const search = searchOf('patient and code', layout, types);
  let isWriting = true;
  const times: number[] = [];
  async function read(): Promise<void> {
    for (let i = 0; isWriting; i += 1) {
      const start = performance.now();
      await run(reader, 'patient and code', search, probeAt(probes, i));
      times.push(performance.now() - start);
    }
  }
  async function write(): Promise<number> {
    const start = performance.now();
    for (const statements of ready) await writeBundle(writer, statements);
    isWriting = false;
    return performance.now() - start;
  }
  const [milliseconds] = await Promise.all([write(), read()]);
  const resources = bundles.reduce((sum, rows) => sum + rows.length, 0);
  return { ...latency(times), reads: times.length, writtenPerSecond: (resources / milliseconds) * 1000 };
}
