/** `npm run bench -- --overload`: what is answered, and how late, when more arrives than can be answered. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanUpOnInterrupt, removeCluster, untilInterruptEnds } from './interrupt.ts';
import type { LoadJob, LoadResult } from './load.ts';
import { cpuSeconds, type LoadGenerator, startLoadGenerator } from './processes.ts';
import { number, tableOf } from './report.ts';
import type { SyntheaSource } from './synthea-bundles.ts';
import { startSystem, type System } from './system.ts';
import { everyKind, readWorkloads, writeWorkloads } from './workloads.ts';

/** Connections with which the most is answered, and those that arrivals may use: as many as a server takes, nearly. */
const PEAK_CONNECTIONS = 16;
const ARRIVAL_CONNECTIONS = 4_000;
const BUNDLE_CONNECTIONS = 4;
const MULTIPLES = [0.8, 2, 5];

export interface OverloadOptions {
  readonly synthea: SyntheaSource;
  readonly durationMs: number;
  readonly warmUpMs: number;
  readonly profileDir: string | undefined;
}

interface OverloadRow {
  readonly work: string;
  readonly arrivals: number | undefined;
  readonly result: LoadResult;
  readonly ofPeak: number;
  /** Share of one core that each process had. */
  readonly cores: Readonly<Record<'api' | 'postgres' | 'load', number | undefined>>;
}

const perSecond = ({ requests, errors, seconds }: LoadResult): number => (requests - errors) / seconds;

const COLUMNS = [
  ['work', (r: OverloadRow) => r.work],
  ['arrive/s', (r: OverloadRow) => number(r.arrivals, 0)],
  ['answered/s', (r: OverloadRow) => number(perSecond(r.result), 0)],
  ['of peak', (r: OverloadRow) => `${number(r.ofPeak * 100, 0)} %`],
  ['refused/s', (r: OverloadRow) => number(r.result.refused / r.result.seconds, 0)],
  ['p50 ms', (r: OverloadRow) => number(r.result.p50Ms, 1)],
  ['p99 ms', (r: OverloadRow) => number(r.result.p99Ms, 1)],
  ['errors', (r: OverloadRow) => String(r.result.errors)],
  ['not sent', (r: OverloadRow) => String(r.result.unsent)],
  ['api cores', (r: OverloadRow) => number(r.cores.api, 2)],
  ['postgres', (r: OverloadRow) => number(r.cores.postgres, 2)],
  ['load', (r: OverloadRow) => number(r.cores.load, 2)],
] as const;

export async function benchOverload(options: OverloadOptions): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'dr-assistant-bench-'));
  cleanUpOnInterrupt(home, true);
  const load = startLoadGenerator();
  const rows: OverloadRow[] = [];
  try {
    const peak = await withSystem(home, options, {}, async (system) => {
      await fill(system, load, options.synthea);
      const best = await measure({ system, load, options, work: 'peak, one by one' }, { connections: PEAK_CONNECTIONS }, undefined); // prettier-ignore
      rows.push(best);
      for (const multiple of MULTIPLES)
        rows.push(await arriving({ system, load, options, work: `${multiple} × peak` }, best, multiple));
      return best;
    });
    await withSystem(home, options, { OVERLOAD_LOOP_DELAY_MS: '0', OVERLOAD_DATABASE_DELAY_MS: '0' }, async (system) => {
      rows.push(await arriving({ system, load, options, work: '5 × peak, nothing refused' }, peak, 5));
    }); // prettier-ignore
    console.log(`\n${tableOf(COLUMNS, rows)}`);
  } finally {
    await untilInterruptEnds();
    await load.stop();
    removeCluster(home);
  }
}

async function withSystem<T>(
  home: string,
  { profileDir }: OverloadOptions,
  env: Readonly<Record<string, string>>,
  work: (system: System) => Promise<T>,
): Promise<T> {
  const system = await startSystem(home, profileDir, env);
  system.database.on('error', () => undefined);
  try {
    return await work(system);
  } finally {
    await system.stop();
  }
}

async function fill(system: System, load: LoadGenerator, synthea: SyntheaSource): Promise<void> {
  for (const bundles of [[synthea.prerequisites], [...synthea.patients(0)]]) {
    const requests = bundles.map(({ text }) => ({ method: 'POST' as const, path: '/fhir/R4', body: text, headers: { prefer: 'return=minimal' } })); // prettier-ignore
    const { origin } = system;
    const token = await system.token();
    const result = await load.run({ origin, token, connections: BUNDLE_CONNECTIONS, requests, durationMs: 0, warmUpMs: 0, expected: [200] }); // prettier-ignore
    if (result.errors > 0) throw new Error(result.firstError);
  }
  await system.database.query('vacuum analyze');
}

interface Scene {
  readonly system: System;
  readonly load: LoadGenerator;
  readonly options: OverloadOptions;
  readonly work: string;
}

const arriving = (scene: Scene, peak: OverloadRow, multiple: number): Promise<OverloadRow> =>
  measure(
    scene,
    { connections: ARRIVAL_CONNECTIONS, arrivalsPerSecond: perSecond(peak.result) * multiple },
    peak,
  );

async function measure(
  { system, load, options: { durationMs, warmUpMs }, work }: Scene,
  way: Pick<LoadJob, 'connections' | 'arrivalsPerSecond'>,
  peak: OverloadRow | undefined,
): Promise<OverloadRow> {
  const token = await system.token();
  const { requests, expected } = everyKind(
    await readWorkloads(system.database),
    await writeWorkloads(system.database, token),
  );
  const spent = (): (number | undefined)[] => [system.apiPid, system.postgresPid, load.pid].map(cpuSeconds);
  const before = spent();
  const begin = performance.now();
  const result = await load.run({ origin: system.origin, token, requests, expected, durationMs, warmUpMs, ...way }); // prettier-ignore
  const elapsed = (performance.now() - begin) / 1_000;
  const [api, postgres, generator] = spent().map((after, i) =>
    after === undefined || before[i] === undefined ? undefined : (after - before[i]) / elapsed,
  );
  if (result.firstError !== undefined) console.log(`${work}: ${result.firstError}`);
  return {
    work,
    arrivals: way.arrivalsPerSecond,
    result,
    ofPeak: peak === undefined ? 1 : perSecond(result) / perSecond(peak.result),
    cores: { api, postgres, load: generator },
  };
}
