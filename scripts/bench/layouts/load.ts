/** Loads a dataset through four connections and measures how fast that goes and how much room it takes. */
import type pg from 'pg';
import type { SearchParameterRegistry } from '../../../fhir-server/src/search/index.ts';
import { readBundles, type Dataset, type Row } from './dataset.ts';
import type { Layout } from './layout.ts';
import { bundleStatements, writeBundle, type Statement } from './write.ts';

export interface LoadResult {
  readonly resources: number;
  readonly resourcesPerSecond: number;
  /** Of this process, which serialises the values, per resource. */
  readonly clientCpuMicroseconds: number;
  readonly heapBytes: number;
  readonly indexBytes: number;
}

/** So many resources are made ready before the clock runs. */
const CHUNK_RESOURCES = 15_000;
/** The last bundles are kept back: they are written while reads are measured. */
const HELD_BACK_BUNDLES = 12;

export interface Loaded {
  readonly load: LoadResult;
  readonly heldBack: readonly (readonly Row[])[];
}

export async function loadDataset(
  clients: readonly pg.ClientBase[],
  dataset: Dataset,
  layout: Layout,
  registry: SearchParameterRegistry,
  afterLoading: () => Promise<void>,
): Promise<Loaded> {
  let milliseconds = 0;
  let cpu = 0;
  let resources = 0;
  let waiting: Statement[][] = [];
  let waitingResources = 0;
  let heldBack: Row[][] = [];

  async function flush(): Promise<void> {
    const start = performance.now();
    const before = process.cpuUsage();
    const queue = waiting[Symbol.iterator]();
    await Promise.all(
      clients.map(async (client) => {
        for (const statements of queue) await writeBundle(client, statements);
      }),
    );
    const used = process.cpuUsage(before);
    cpu += used.user + used.system;
    milliseconds += performance.now() - start;
    resources += waitingResources;
    waiting = [];
    waitingResources = 0;
  }

  for await (const rows of readBundles(dataset)) {
    heldBack.push(rows);
    if (heldBack.length <= HELD_BACK_BUNDLES) continue;
    const [next, ...rest] = heldBack;
    heldBack = rest;
    if (next === undefined) continue;
    waiting.push(bundleStatements(next, layout, registry));
    waitingResources += next.length;
    if (waitingResources >= CHUNK_RESOURCES) await flush();
  }
  await flush();
  const [first] = clients;
  if (first === undefined) throw new RangeError('no connection');
  await afterLoading();
  const sizes = await measureSizes(first);
  return {
    load: {
      resources,
      resourcesPerSecond: (resources / milliseconds) * 1000,
      clientCpuMicroseconds: cpu / resources,
      ...sizes,
    },
    heldBack,
  };
}

async function measureSizes(client: pg.ClientBase): Promise<{ heapBytes: number; indexBytes: number }> {
  await client.query('vacuum analyze');
  await client.query('checkpoint');
  const { rows } = await client.query<{ heap: string; indexes: string }>(
    `select sum(pg_table_size(c.oid)) as heap, sum(pg_indexes_size(c.oid)) as indexes
     from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace`,
  );
  return { heapBytes: Number(rows[0]?.heap), indexBytes: Number(rows[0]?.indexes) };
}
