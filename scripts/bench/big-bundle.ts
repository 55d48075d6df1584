/** What others feel of one Bundle of tens of megabytes: how long a request that needs nothing but a turn of the event loop waits. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Row } from './report.ts';
import type { BundleText } from './synthea-bundles.ts';
import type { System } from './system.ts';

const BYTES_MIN = 30 * 1024 * 1024;
const PROBE_PAUSE_MS = 5;

/** Several patients' Bundles as one. */
export function joinBundles(bundles: Iterable<BundleText>, entriesMax: number): BundleText {
  const entries: string[] = [];
  let bytes = 0;
  for (const { text } of bundles) {
    const { entry } = JSON.parse(text) as { entry: object[] };
    if (entries.length + entry.length > entriesMax) continue;
    for (const one of entry) {
      const json = JSON.stringify(one);
      entries.push(json);
      bytes += json.length;
    }
    if (bytes >= BYTES_MIN) break;
  }
  const text = `{"resourceType":"Bundle","type":"transaction","entry":[${entries.join(',')}]}`;
  return { text, resources: entries.length };
}

/** Two rows: the Bundle itself, and the delays of probes during it. */
export async function measureBigBundle(
  system: System,
  { text, resources }: BundleText,
  scale: string,
): Promise<Row[]> {
  const { origin } = system;
  const token = await system.token();
  const probe = async (): Promise<number> => {
    const begin = performance.now();
    await (await fetch(`${origin}/livez`)).text();
    return performance.now() - begin;
  };
  for (let i = 0; i < 50; i += 1) await probe();
  const state = { isOver: false };
  const begin = performance.now();
  const bundle = fetch(`${origin}/fhir/R4`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/fhir+json',
      Prefer: 'return=minimal',
    },
    body: text,
  }).then(async (response) => {
    await response.arrayBuffer();
    state.isOver = true;
    return response.status;
  });
  const delays: number[] = [];
  while (!state.isOver) {
    delays.push(await probe());
    await sleep(PROBE_PAUSE_MS);
  }
  const status = await bundle;
  const seconds = (performance.now() - begin) / 1_000;
  const sorted = delays.sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  const megabytes = (text.length / 2 ** 20).toFixed(0);
  const errors = status === 200 ? 0 : 1;
  const note = `${megabytes} MB in ${seconds.toFixed(1)} s${errors === 0 ? '' : `, status ${status}`}`;
  return [
    { scale, work: 'one large Bundle, resources', perSecond: resources / seconds, errors, note },
    {
      scale,
      work: 'others during it: event loop',
      perSecond: delays.length / seconds,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      errors: 0,
      note: `at most ${at(1).toFixed(0)} ms`,
    },
  ];
}
