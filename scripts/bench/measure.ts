/** One workload on the system: rate, latencies, errors, and what each process spent. */
import { cpuSeconds, type LoadGenerator, residentBytes } from './processes.ts';
import type { Row } from './report.ts';
import type { System } from './system.ts';
import type { Workload } from './workloads.ts';

const NOTE_LENGTH = 160;

export interface Measurement {
  readonly system: System;
  readonly load: LoadGenerator;
  readonly connections: number;
  readonly durationMs: number;
  readonly warmUpMs: number;
}

/** `units` is what the work is counted in, when that is not its requests. */
export async function measure(
  { system, load, connections, durationMs, warmUpMs }: Measurement,
  workload: Workload,
  scale: string,
  units: number | undefined,
): Promise<Row> {
  const fault = (error: unknown): Row => {
    // What `fetch` throws says why only in its cause.
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    const note = `${String(error)}${cause}`.slice(0, NOTE_LENGTH);
    return { scale, work: workload.name, perSecond: 0, errors: 1, note };
  };
  let token: string;
  let refusal: string | undefined;
  try {
    token = await system.token();
    refusal = await refusalOf(system, token, workload);
  } catch (error) {
    return fault(error);
  }
  if (refusal !== undefined)
    return { scale, work: workload.name, perSecond: 0, errors: 0, isUnsupported: true, note: refusal };
  const spent = (): (number | undefined)[] => [system.apiPid, system.postgresPid, load.pid].map(cpuSeconds);
  const before = spent();
  const begin = performance.now();
  const { origin } = system;
  const { requests, expected, contains } = workload;
  const result = await load.run({
    origin, token, connections, requests, durationMs, warmUpMs, expected,
    ...(contains === undefined ? {} : { contains }),
  }); // prettier-ignore
  const elapsed = (performance.now() - begin) / 1_000;
  const after = spent();
  const done = units ?? result.requests;
  const perSecond = done / result.seconds;
  // The warm-up is in the processor time, so that the work of the whole run is what it is divided by.
  const whole = units ?? perSecond * elapsed;
  const [api, postgres, generator] = after.map((a, i) => {
    const b = before[i];
    return a === undefined || b === undefined ? undefined : ((a - b) * 1_000) / whole;
  });
  const rss = residentBytes(system.apiPid);
  return {
    scale,
    work: workload.name,
    perSecond,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    errors: result.errors + result.refused,
    cpuMs: {
      ...(api !== undefined && { api }),
      ...(postgres !== undefined && { postgres }),
      ...(generator !== undefined && { load: generator }),
    },
    ...(rss === undefined ? {} : { apiRssMb: rss / 2 ** 20 }),
    ...(workload.reference === undefined ? {} : { ofReference: perSecond / workload.reference }),
    ...(result.firstError === undefined ? {} : { note: result.firstError.slice(0, NOTE_LENGTH) }),
  };
}

/** Searches that the server does not know yet answer 4xx at once: measuring that would look like great speed. */
async function refusalOf(
  { origin }: System,
  token: string,
  { requests: [probe] }: Workload,
): Promise<string | undefined> {
  // A probe of a write would already be the write.
  if (probe?.method !== 'GET') return undefined;
  const response = await fetch(origin + probe.path, { headers: { authorization: `Bearer ${token}` } });
  const answer = await response.text();
  if (response.status < 400 || response.status >= 500) return undefined;
  return `${response.status} ${answer.slice(0, NOTE_LENGTH)}`;
}
