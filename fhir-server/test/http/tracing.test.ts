/** Spans of an api as a collector receives them: a real process, real OTLP, real SQL. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pinnedNode, root } from '../../../scripts/pinned-node.ts';
import { pickPort } from '../../../scripts/postgres/port.ts';
import { createPool } from '../../src/db/index.ts';
import { childEnvironment } from '../support/child-environment.ts';
import { type CollectedSpan, type Collector, startCollector, tracedBy } from '../support/collector.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const MARKER = 'zzyzxmarker';

interface Api {
  readonly fhirBase: string;
  log(): string;
  stop(): Promise<void>;
}

let server: TestServer;
let token: string;
let collector: Collector;
let api: Api;

/** Another process over the database of the test server, whose tokens it takes. */
async function startProcess(env: NodeJS.ProcessEnv): Promise<Api> {
  const port = await pickPort();
  const child: ChildProcess = spawn(pinnedNode(), [join(root, 'fhir-server/src/api.ts')], {
    env: {
      ...childEnvironment,
      DATABASE_URL: server.databaseUrl,
      DATA_DIR: server.dataDir,
      BASE_URL: server.baseUrl,
      PORT: String(port),
      COOKIE_SECRET: 'a secret that is long enough for tests',
      LOG_LEVEL: 'debug',
      ...env,
    },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece) => (log += String(piece)));
  for (const end = Date.now() + 30_000; !log.includes('api listens'); await sleep(50))
    if (child.exitCode !== null || Date.now() > end) throw new Error(`the api did not start:\n${log}`);
  return {
    fhirBase: `http://localhost:${port}/fhir/R4`,
    log: () => log,
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
    },
  };
}

beforeAll(async () => {
  server = await startTestServer();
  token = await server.token('system/*.cruds');
  collector = await startCollector();
  api = await startProcess(tracedBy(collector));
}, 90_000);

afterAll(async () => {
  await api.stop();
  await collector.close();
  await server.close();
}, 60_000);

const ask = (
  { fhirBase }: Api,
  method: string,
  path: string,
  { body, traceparent }: { readonly body?: object; readonly traceparent?: string } = {},
): Promise<Response> =>
  fetch(`${fhirBase}/${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'Content-Type': 'application/fhir+json' }),
      ...(traceparent !== undefined && { traceparent }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

let traces = 0;
/** The trace of a caller of its own. */
function newTrace() {
  traces += 1;
  const traceId = String(traces).padStart(32, 'c0ffee');
  return { traceId, traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
}

const patient = { resourceType: 'Patient', id: MARKER, name: [{ family: MARKER }] };

const spansOf = (traceId: string): CollectedSpan[] => collector.spans.filter((s) => s.traceId === traceId);

test('A write joins its caller’s trace, with its statements below it, and the event in the outbox remembers it.', async () => {
  const { traceId, traceparent } = newTrace();
  const answer = await ask(api, 'PUT', `Patient/${MARKER}`, { body: patient, traceparent });
  expect(answer.status).toBe(201);
  const request = await collector.find('the request', (s) => s.traceId === traceId && s.kind === 2);
  expect(request).toMatchObject({
    service: 'dr-assistant-api',
    name: 'update PUT /fhir/R4/{type}/{id}',
    parentSpanId: '00f067aa0ba902b7',
  });
  expect(request.attributes).toMatchObject({ 'fhir.interaction': 'update', 'fhir.resource_type': 'Patient', 'http.route': '/fhir/R4/{type}/{id}' }); // prettier-ignore
  const committed = await collector.find('commit', (s) => s.traceId === traceId && s.name === 'sql commit');
  expect(committed.parentSpanId).toBe(request.spanId);
  const names = spansOf(traceId).map((s) => s.name);
  expect(names).toEqual(expect.arrayContaining(['authenticate', 'sql begin', 'sql insert Patient', 'sql record traced events'])); // prettier-ignore
  const pool = createPool({
    databaseUrl: server.databaseUrl,
    databasePoolSize: 1,
    statementTimeoutMs: 5_000,
  });
  const { rows } = await pool.query<{ traceparent: string }>('select traceparent from outbox where resource_id = $1', [MARKER]); // prettier-ignore
  await pool.end();
  expect(rows).toEqual([{ traceparent: `00-${traceId}-${request.spanId}-01` }]);
}, 30_000);

test('Requests at the same moment share a statement, and each is in its own trace.', async () => {
  const callers = Array.from({ length: 4 }, newTrace);
  const read = ({ traceparent }: { traceparent: string }) =>
    ask(api, 'GET', `Patient/${MARKER}`, { traceparent });
  const write = ({ traceparent }: { traceparent: string }, i: number) =>
    ask(api, 'PUT', `Patient/together-${i}`, {
      body: { resourceType: 'Patient', id: `together-${i}` },
      traceparent,
    });
  const answers = await Promise.all([...callers.map(read), ...callers.map(write)]);
  expect(answers.map((a) => a.ok)).not.toContain(false);
  for (const { traceId } of callers)
    for (const name of ['read GET /fhir/R4/{type}/{id}', 'update PUT /fhir/R4/{type}/{id}'])
      await collector.find(name, (s) => s.traceId === traceId && s.name === name);
  // Whoever had company says where the work was done.
  const shared = collector.spans.filter((s) => /together$/.test(s.name));
  for (const { links, spanId } of shared) {
    expect(links.length).toBeGreaterThan(0);
    for (const link of links)
      expect(collector.spans.find((s) => s.spanId === link.spanId)?.links).toContainEqual(
        expect.objectContaining({ spanId }),
      );
  }
  const pool = createPool({
    databaseUrl: server.databaseUrl,
    databasePoolSize: 1,
    statementTimeoutMs: 5_000,
  });
  const { rows } = await pool.query<{ resource_id: string; traceparent: string }>("select resource_id, traceparent from outbox where resource_id like 'together-%' order by 1"); // prettier-ignore
  await pool.end();
  expect(rows.map((r) => r.traceparent.split('-')[1])).toEqual(callers.map((c) => c.traceId));
}, 30_000);

test('Neither ids nor values nor texts of a request are in any span.', async () => {
  const { traceId, traceparent } = newTrace();
  const { traceId: last, traceparent: lastParent } = newTrace();
  const bundle = { resourceType: 'Bundle', type: 'batch', entry: [{ request: { method: 'GET', url: `Patient?name=${MARKER}` } }] }; // prettier-ignore
  const asked: [string, string, object?][] = [
    ['GET', `Patient?name=${MARKER}&_sort=birthdate`],
    ['GET', `Observation?subject:Patient.name=${MARKER}`],
    ['GET', `Patient/${MARKER}/_history`],
    ['GET', `Patient/${MARKER}/$everything`],
    ['GET', `${MARKER}/1`],
    ['GET', `Patient/$${MARKER}`],
    ['POST', 'Patient', { resourceType: 'Patient', gender: MARKER }],
    ['POST', '', bundle],
  ];
  for (const [method, path, body] of asked)
    await (await ask(api, method, path, { traceparent, ...(body && { body }) })).text();
  await ask(api, 'GET', `metadata?${MARKER}=${MARKER}`, { traceparent: lastParent });
  await collector.find('the last', (s) => s.traceId === last);
  const names = spansOf(traceId).filter((s) => s.kind === 2).map((s) => s.name); // prettier-ignore
  expect(names).toHaveLength(asked.length);
  expect(names).toContain('search-type GET /fhir/R4/{type}');
  expect(names).toContain('$everything GET /fhir/R4/{type}/{id}/$everything');
  expect(names).toContain('batch POST /fhir/R4');
  expect(names).toContain('unknown GET /fhir/R4/{type}/unknown');
  expect(collector.text()).not.toContain(MARKER);
  expect(collector.text()).not.toContain(token);
}, 30_000);

test('Lines of the log name the trace that they belong to.', async () => {
  const { traceId, traceparent } = newTrace();
  await ask(api, 'GET', 'Patient/nobody', { traceparent });
  const lines = (): object[] =>
    api.log().split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as object); // prettier-ignore
  const isOurs = (line: object): boolean => 'trace_id' in line && line.trace_id === traceId;
  for (const end = Date.now() + 10_000; !lines().some(isOurs) && Date.now() < end;) await sleep(20);
  expect(lines().find(isOurs)).toMatchObject({ msg: 'request', status: 404, span_id: expect.any(String) });
});

test('A caller who does not want to be recorded is not, and his write is not either.', async () => {
  const { traceId, traceparent } = newTrace();
  const body = { resourceType: 'Patient', id: 'unseen' };
  const answer = await ask(api, 'PUT', 'Patient/unseen', {
    body,
    traceparent: traceparent.replace(/1$/, '0'),
  });
  expect(answer.status).toBe(201);
  const after = newTrace();
  await ask(api, 'GET', 'metadata', { traceparent: after.traceparent });
  await collector.find('the next request', (s) => s.traceId === after.traceId);
  expect(spansOf(traceId)).toEqual([]);
  const pool = createPool({
    databaseUrl: server.databaseUrl,
    databasePoolSize: 1,
    statementTimeoutMs: 5_000,
  });
  const { rows } = await pool.query("select traceparent from outbox where resource_id = 'unseen'");
  await pool.end();
  expect(rows).toEqual([{ traceparent: null }]);
}, 30_000);

test('A collector that cannot be reached changes nothing for requests, nor for the end of the process.', async () => {
  const deaf = await startProcess({
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await pickPort()}`,
    OTEL_BSP_SCHEDULE_DELAY: '20',
    OTEL_BSP_MAX_QUEUE_SIZE: '16',
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '8',
  });
  const answers = await Promise.all(Array.from({ length: 60 }, () => ask(deaf, 'GET', `Patient/${MARKER}`)));
  expect(new Set(answers.map((a) => a.status))).toEqual(new Set([200]));
  await deaf.stop();
}, 60_000);
