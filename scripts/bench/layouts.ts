/** Compares storage layouts: `node scripts/bench/layouts.ts [--scale 100k,1m] [--layout a,b] [--indexes after]`. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import pg from 'pg';
import { compartmentParameters } from '../../fhir-server/src/fhir/definitions/index.ts';
import type { SearchParameterRegistry } from '../../fhir-server/src/search/index.ts';
import { startEmbeddedPostgres } from '../embedded-postgres.ts';
import { cleanUpOnInterrupt, removeCluster, untilInterruptEnds } from './interrupt.ts';
import { makeDataset, makeRegistry, type Dataset } from './layouts/dataset.ts';
import { FUNCTIONS, layoutDefinition, LAYOUTS, type Layout } from './layouts/layout.ts';
import { loadDataset } from './layouts/load.ts';
import {
  measurePlans,
  measureReadsDuringWrites,
  measureSearches,
  measureUpdates,
  type Subject,
} from './layouts/measure.ts';
import { positive, readOptions } from './options.ts';
import { markdownReport, type LayoutResult } from './layouts/report.ts';

const SCALES: Readonly<Record<string, number>> = { '100k': 100_000, '1m': 1_000_000 };

type Clients = [pg.Client, pg.Client, pg.Client, pg.Client];

/** Runs in a cluster of its own with the settings of `npm start`, and deletes it afterwards. */
async function withCluster<T>(
  folder: string,
  port: number,
  work: (clients: Clients) => Promise<T>,
): Promise<T> {
  const server = await startEmbeddedPostgres({ folder, port });
  const connect = (): pg.Client => new pg.Client({ connectionString: server.url });
  const clients: Clients = [connect(), connect(), connect(), connect()];
  for (const client of clients) client.on('error', () => undefined);
  try {
    for (const client of clients) await client.connect();
    return await work(clients);
  } finally {
    await untilInterruptEnds();
    await Promise.allSettled(clients.map((client) => client.end()));
    await server.stop();
    removeCluster(folder);
  }
}

async function measureLayout(
  clients: Clients,
  dataset: Dataset,
  layout: Layout,
  registry: SearchParameterRegistry,
  { seconds, indexes }: { seconds: number; indexes: string },
): Promise<LayoutResult> {
  const [first] = clients;
  await first.query(FUNCTIONS);
  const definitions = dataset.types.flatMap((type) => layoutDefinition(type, layout, registry).split(/;\s*/));
  const isLate = (definition: string): boolean =>
    indexes === 'after' && definition.startsWith('create index');
  for (const definition of definitions) if (!isLate(definition)) await first.query(definition);
  const late = async (): Promise<void> => {
    for (const definition of definitions) if (isLate(definition)) await first.query(definition);
  };
  const { load, heldBack } = await loadDataset(clients, dataset, layout, registry, late);
  const types = dataset.types.filter(
    (type) => type === 'Patient' || compartmentParameters('Patient', type)?.length,
  );
  const subject: Subject = { clients, layout, probes: dataset.probes, types, seconds, registry };
  const searches = layout.searches ? await measureSearches(subject) : {};
  const plans = layout.searches ? await measurePlans(subject) : [];
  const mixed = await measureReadsDuringWrites(subject, heldBack);
  const update = await measureUpdates(subject, heldBack.flat());
  return {
    scale: dataset.resources,
    layout: layout.name,
    title: indexes === 'after' ? `${layout.title}, indexes made after loading` : layout.title,
    load,
    searches: layout.searches ? { ...searches, update } : {},
    plans,
    mixed,
  };
}

const root = dirname(dirname(import.meta.dirname));
const shared = resolve(process.env['DR_ASSISTANT_SHARED'] ?? join(root, '..', 'shared'));

const USAGE = `node scripts/bench/layouts.ts [options]
  --scale a,b        ${Object.keys(SCALES).join(' and ')} (both)
  --layout a,b       ${LAYOUTS.map((l) => l.name).join(', ')} (all)
  --seconds n        of each measurement of throughput (3)
  --indexes after    loads a large scale sooner, but then the load rate says nothing about the indexes (before)
  --data folder      keeps the rows for the next run (${join(tmpdir(), 'layouts')})
  --synthea folder   the bundles that are multiplied
  --port n           of the PostgreSQL that is measured (18732)`;

const options = readOptions(USAGE, {
  scale: { type: 'string', default: '100k,1m' },
  layout: { type: 'string', default: LAYOUTS.map((l) => l.name).join(',') },
  seconds: { type: 'string', default: '3' },
  data: { type: 'string', default: join(tmpdir(), 'layouts') },
  synthea: { type: 'string', default: join(shared, 'synthea') },
  indexes: { type: 'string', default: 'before' },
  port: { type: 'string', default: '18732' },
});
const seconds = positive(USAGE, 'seconds', options.seconds);
const port = positive(USAGE, 'port', options.port);
const cluster = join(options.data, 'cluster');
cleanUpOnInterrupt(cluster, true);

mkdirSync(options.data, { recursive: true });
const registry = makeRegistry();
const results: LayoutResult[] = [];
for (const scale of options.scale.split(',')) {
  const resources = SCALES[scale];
  if (resources === undefined) throw new RangeError(`--scale knows ${Object.keys(SCALES).join(' and ')}`);
  const dataset = await makeDataset(options.data, options.synthea, resources, registry);
  for (const name of options.layout.split(',')) {
    const layout = LAYOUTS.find((l) => l.name === name);
    if (!layout) throw new RangeError(`--layout knows ${LAYOUTS.map((l) => l.name).join(', ')}`);
    const started = performance.now();
    const result = await withCluster(cluster, port, (clients) =>
      measureLayout(clients, dataset, layout, registry, { ...options, seconds }),
    );
    results.push(result);
    appendFileSync(join(options.data, 'results.ndjson'), `${JSON.stringify(result)}\n`);
    console.error(`${scale} ${layout.title}: ${Math.round((performance.now() - started) / 1000)} s`);
  }
}
console.log(markdownReport(results));
console.log(JSON.stringify(results));
