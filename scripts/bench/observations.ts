/** Writes of Observations that Subscriptions ask for: at a fixed rate whatever the answers take, or as many as fast as possible. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import type { System } from './system.ts';

export const CRITERIA = 'Observation?code=http://loinc.org|8867-4';
const CONNECTIONS = 32;
const ENTRIES = 200;
const TICK_MS = 5;

const observation = (n: number) => ({
  resourceType: 'Observation',
  status: 'final',
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] }],
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4', display: 'Heart rate' }], text: 'Heart rate' },
  subject: { reference: `Patient/p${n % 100}` },
  effectiveDateTime: new Date().toISOString(),
  valueQuantity: { value: 60 + (n % 60), unit: 'beats/minute', system: 'http://unitsofmeasure.org', code: '/min' },
}); // prettier-ignore

export interface Written {
  /** When each write was acknowledged, in milliseconds since the epoch, by the id of its resource. */
  readonly acknowledged: ReadonlyMap<string, number>;
  readonly errors: number;
}

const headersOf = (token: string): Record<string, string> => ({
  authorization: `Bearer ${token}`,
  'content-type': 'application/fhir+json',
  prefer: 'return=minimal',
});

/** Open loop: each write is sent when it is due. */
export async function writeSteadily(
  system: System,
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<Written> {
  const pool = new Pool(system.origin, { connections: CONNECTIONS, pipelining: 1 });
  const headers = headersOf(await system.token());
  const acknowledged = new Map<string, number>();
  let errors = 0;
  const write = async (n: number): Promise<void> => {
    const body = JSON.stringify(observation(n));
    const answer = await pool.request({ method: 'POST', path: '/fhir/R4/Observation', headers, body });
    const at = performance.timeOrigin + performance.now();
    await answer.body.dump();
    const id = /\/Observation\/([^/]+)/.exec(String(answer.headers['location']))?.[1];
    if (answer.statusCode === 201 && id !== undefined) acknowledged.set(id, at);
    else errors += 1;
  };
  const begin = performance.now();
  const under: Promise<void>[] = [];
  while (under.length < perSecond * seconds) {
    const due = Math.min(perSecond * seconds, ((performance.now() - begin) / 1_000) * perSecond);
    while (under.length < due) under.push(write(under.length).catch(() => void (errors += 1)));
    await sleep(TICK_MS);
  }
  await Promise.all(under);
  await pool.close();
  return { acknowledged, errors };
}

/** In transactions. */
export async function writeMany(system: System, count: number): Promise<void> {
  const headers = headersOf(await system.token());
  for (let done = 0; done < count; done += ENTRIES) {
    const entry = Array.from({ length: Math.min(ENTRIES, count - done) }, (_, i) => ({
      resource: observation(done + i),
      request: { method: 'POST', url: 'Observation' },
    }));
    const body = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry });
    const response = await fetch(`${system.origin}/fhir/R4`, { method: 'POST', headers, body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} ${text.slice(0, 500)}`);
  }
}
