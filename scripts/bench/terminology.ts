/** A large code system: how long it takes to load, and what is asked of it then. */
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPool } from '../../fhir-server/src/db/index.ts';
import { loadCodeSystem, LOADERS, openRelease } from '../../fhir-server/src/terminology/index.ts';
import { writeOrderFile } from './order-file.ts';
import type { Row } from './report.ts';
import type { System } from './system.ts';
import type { Workload } from './workloads.ts';

const ICD = 'http://hl7.org/fhir/sid/icd-10-cm';
const BASE = '/fhir/R4';
/** As they come while somebody types. */
const TEXTS = [
  'd', 'di', 'dia', 'diab', 'diabetes', 'type 2 diab', 'type 2 diabetes foot', 'frac', 'fracture neck', 'fract neck femur init',
  'hyper', 'hypertension', 'heart fail', 'asthma', 'acute', 'left', 'burn third degree hand', 'e11', 'preg', 'unspecified injury',
]; // prettier-ignore
const CODES = ['E11', 'S72', 'A00', 'I', 'T'];

/** Undefined without the shared table of its codes. */
export async function loadIcd10cm(system: System, shared: string): Promise<Row | undefined> {
  const table = join(shared, 'terminology', 'icd10cm.tsv.gz');
  if (!existsSync(table)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'dr-assistant-bench-icd-'));
  const pool = createPool({
    databaseUrl: system.databaseUrl,
    databasePoolSize: 3,
    statementTimeoutMs: 60_000,
  });
  try {
    const file = join(folder, 'icd10cm-order-2022.txt');
    await writeOrderFile(table, file);
    const loader = LOADERS.find(({ name }) => name === 'icd10cm')!;
    const begin = performance.now();
    const { concepts } = await loadCodeSystem(pool, loader.plan(await openRelease(file)));
    const seconds = (performance.now() - begin) / 1_000;
    const megabytes = (statSync(file).size / 2 ** 20).toFixed(0);
    const note = `${concepts} concepts, ${megabytes} MB in ${seconds.toFixed(1)} s`;
    return { scale: '', work: 'load ICD-10-CM, concepts', perSecond: concepts / seconds, errors: 0, note };
  } finally {
    await pool.end();
    rmSync(folder, { recursive: true });
  }
}

export function terminologyWorkloads(): Workload[] {
  const workload = (name: string, paths: readonly string[]): Workload => ({
    name,
    requests: paths.map((path) => ({ method: 'GET', path: `${BASE}/${path}` })),
    expected: [200],
  });
  const texts = TEXTS.map((text) => encodeURIComponent(text));
  return [
    workload(
      '$expand by a text',
      texts.map((text) => `ValueSet/$expand?url=${ICD}/vs&count=20&filter=${text}`),
    ),
    workload(
      '$validate-code',
      texts.map((_, i) => `CodeSystem/$validate-code?url=${ICD}&code=E11.${i}`),
    ),
    workload(
      'search :below',
      CODES.map((code) => `Condition?code:below=${ICD}|${code}&_count=10`),
    ),
  ];
}
