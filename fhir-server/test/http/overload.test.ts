/** A server that is behind refuses the newest and answers those that it has taken on. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { pickPort } from '../../../scripts/postgres/port.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** Which have no connection, but for two. */
const ASKED = 12;
/** What may take long is asked on a connection of the pool. */
const LONG = 'Basic?code:not=x&_sort=_lastUpdated';

let server: TestServer;
let metrics: string;

/** Each limit by itself: a busy machine would hold up the event loop of the other test. */
async function start(env: Readonly<Record<string, string>>): Promise<void> {
  const port = await pickPort();
  metrics = `http://127.0.0.1:${port}/metrics`;
  server = await startTestServer({ METRICS_PORT: String(port), DATABASE_POOL_SIZE: '2', ...env });
  await put();
}

const put = (): Promise<Response> =>
  server.fhir('PUT', 'Patient/p0', { body: { resourceType: 'Patient', id: 'p0' } });

const figure = async (name: string, queue: string): Promise<number> => {
  const text = await (await fetch(metrics)).text();
  return Number(new RegExp(`^${name}\\{queue="${queue}"\\} (\\S+)$`, 'm').exec(text)?.[1]);
};
const refusedFor = (queue: string): Promise<number> => figure('fhir_requests_refused_total', queue);

/** Asks until the answer is as wanted, for some seconds. */
async function until(ask: () => Promise<Response>, isWanted: (response: Response) => boolean): Promise<Response> {
  for (const end = Date.now() + 15_000; ; await sleep(20)) {
    const response = await ask();
    if (isWanted(response) || Date.now() > end) return response;
    await response.arrayBuffer();
  }
} // prettier-ignore

describe('While all connections are held', () => {
  let holder: pg.Client;
  const answered: number[] = [];
  let asked: Promise<void[]>;

  beforeAll(async () => {
    await start({ OVERLOAD_DATABASE_DELAY_MS: '200', OVERLOAD_RETRY_AFTER_SECONDS: '4' });
    await server.fhir('POST', 'Basic', { body: { resourceType: 'Basic', code: { text: 'y' } } });
    holder = new pg.Client({ connectionString: server.databaseUrl });
    await holder.connect();
    // Searches of this type wait; nothing else is in the way.
    await holder.query('begin; lock table fhir."Basic"');
    const ask = async (): Promise<void> => void answered.push((await server.fhir('GET', LONG)).status);
    asked = Promise.all(Array.from({ length: ASKED }, ask));
    for (const end = Date.now() + 15_000; Date.now() < end && (await figure('fhir_queue_delay_seconds', 'connections')) < 0.3; ) await sleep(20); // prettier-ignore
  });
  afterAll(async () => {
    await holder.end();
    await server.close();
  });

  test('a new request is refused, with the time after which to try again.', async () => {
    const response = await server.fhir('GET', 'Patient?name=x');
    expect(response.status).toBe(503);
    expect(['1', '2', '3', '4']).toContain(response.headers.get('retry-after'));
    expect(response.headers.get('content-type')).toBe('application/fhir+json; charset=utf-8');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.json()).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'error', code: 'throttled' }],
    });
    expect(await refusedFor('connections')).toBeGreaterThan(0);
  });

  test('the refusal has the form that the client asks for, and that of OAuth where that is asked.', async () => {
    const xml = await server.fhir('POST', 'Patient', { body: '<x/>', headers: { Accept: 'application/fhir+xml' } }); // prettier-ignore
    expect([xml.status, xml.headers.get('content-type')]).toEqual([503, 'application/fhir+xml; charset=utf-8']); // prettier-ignore
    expect(await xml.text()).toContain('<code value="throttled"/>');
    const oauth = await fetch(`${server.baseUrl}/oauth2/token`, { method: 'POST', body: new URLSearchParams({ grant_type: 'x' }) }); // prettier-ignore
    expect(oauth.status).toBe(503);
    expect(await oauth.json()).toMatchObject({ error: 'temporarily_unavailable' });
    const head = await server.fhir('HEAD', 'Patient?name=x');
    expect([head.status, await head.text()]).toEqual([503, '']);
  });

  test('what needs none of them is answered: a read, the health of the server, a file of an app.', async () => {
    expect((await server.fhir('GET', 'Patient/p0')).status).toBe(200);
    expect((await server.fhir('GET', 'Patient/p0/_history/1')).status).toBe(200);
    expect((await fetch(`${server.baseUrl}/livez`)).status).toBe(200);
    expect((await fetch(`${server.baseUrl}/apps/nothing.js`)).status).toBe(404);
  });

  test('those that were taken on are finished when the connections are free, and all others are welcome again.', async () => {
    // On a slow machine the last of them come when the first have waited for too long.
    const refused = answered.splice(0);
    expect(refused.filter((status) => status !== 503)).toEqual([]);
    await holder.query('rollback');
    await asked;
    expect(answered).toEqual(Array.from({ length: ASKED - refused.length }, () => 200));
    expect(answered.length).toBeGreaterThan(2);
    const again = await until(() => server.fhir('GET', 'Patient?name=x'), ({ status }) => status === 200); // prettier-ignore
    expect(again.status).toBe(200);
  });
});

describe('While the event loop is behind for long', () => {
  beforeAll(() => start({ OVERLOAD_LOOP_DELAY_MS: '60' }), 30_000);
  afterAll(() => server.close());

  test('some are refused, and none when it has caught up.', async () => {
    let isBusy = true;
    const statuses: number[] = [];
    const clients = Array.from({ length: 16 }, async () => {
      while (isBusy) {
        const response = await server.fhir('GET', 'Patient/p0');
        await response.arrayBuffer();
        statuses.push(response.status);
      }
    });
    for (const end = Date.now() + 15_000; Date.now() < end && !statuses.includes(503); await sleep(1))
      for (const slice = Date.now() + 150; Date.now() < slice;);
    isBusy = false;
    await Promise.all(clients);
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    expect(await refusedFor('event loop')).toBeGreaterThan(0);
    const calm = async (): Promise<Response> => {
      const all = await Promise.all(Array.from({ length: 16 }, () => server.fhir('GET', 'Patient/p0')));
      return all.find(({ status }) => status !== 200) ?? all[0]!;
    };
    expect((await until(calm, ({ status }) => status === 200)).status).toBe(200);
  }, 60_000);
});
