/** Writes of the same moment share a transaction; nothing of that may show. https://hl7.org/fhir/R4/http.html#transaction-integrity */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Observation } from '@medplum/fhirtypes';
import pg from 'pg';
import { searcher, type Searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let search: Searcher;
let database: pg.Pool;

beforeAll(async () => {
  server = await startTestServer();
  search = searcher(server);
  database = new pg.Pool({ connectionString: server.databaseUrl });
  database.on('error', () => undefined);
  await search.store({ resourceType: 'Patient', id: 'p' }, observation('first', { id: 'first' }));
}, 30_000);
afterAll(async () => {
  await database.end();
  await server.close();
});

function observation(code: string, more: object = {}) {
  return {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ code }] },
    subject: { reference: 'Patient/p' },
    ...more,
  };
}

const times = <T>(count: number, run: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => run(i)));

interface Outcome {
  readonly status: number;
  /** The resource, or the outcome. */
  readonly body: Partial<Observation>;
}

async function send(
  method: string,
  path: string,
  options: Parameters<TestServer['fhir']>[2],
): Promise<Outcome> {
  const response = await server.fhir(method, path, options);
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Outcome['body'] };
}

const put = (id: string, code: string, headers: Record<string, string> = {}): Promise<Outcome> =>
  send('PUT', `Observation/${id}`, { body: observation(code, { id }), headers });

const statusOf = async (id: string): Promise<number> =>
  (await server.fhir('GET', `Observation/${id}`)).status;

/** Runs `act` while another transaction, which has done `sql`, is open; then ends that transaction. */
async function whileHeld<T>(
  sql: string,
  end: 'commit' | 'rollback',
  act: (release: () => Promise<void>) => T,
) {
  const client = await database.connect();
  try {
    await client.query('begin');
    await client.query(sql);
    let isOpen = true;
    const release = async (): Promise<void> => {
      if (isOpen) await client.query(end);
      isOpen = false;
    };
    const result = await act(release);
    await release();
    return result;
  } finally {
    client.release();
  }
}

/** A row of another resource under a new id, as another api would insert it. */
const insertRow = (id: string): string =>
  `insert into fhir."Observation" (id, version_id, last_updated, deleted, content, keys)
   select '${id}', 1, last_updated, false, replace(content, '"first"', '"${id}"'), keys from fhir."Observation" where id = 'first'`;

test('Each write of a burst has its own answer, and the wrong ones stop no other.', async () => {
  const limited = await server.token('system/Observation.cu?code=allowed');
  const kinds = [
    (i: number) => send('POST', 'Observation', { body: observation(`burst${i}`) }),
    (i: number) => put(`burst${i}`, 'burst'),
    (i: number) => put(`burst${i}`, 'burst', { 'If-Match': 'W/"7"' }),
    (i: number) => send('DELETE', `Observation/unknown${i}`, {}),
    (i: number) => send('POST', 'Observation', { body: observation('forbidden', { id: `x${i}` }), token: limited }),
    () => send('POST', 'Observation', { body: observation('allowed'), token: limited }),
    () => send('POST', 'Observation', { body: { resourceType: 'Observation' } }),
  ]; // prettier-ignore
  const answers = await times(70, (i) => kinds[i % kinds.length]!(i));
  const expected = [201, 201, 412, 404, 403, 201, 400];
  expect(answers.map((a) => a.status)).toEqual(answers.map((_, i) => expected[i % expected.length]));
  const created = answers.filter((_, i) => i % kinds.length === 0);
  for (const [n, { body }] of created.entries())
    expect(await search.ids(`Observation?code=burst${n * kinds.length}`)).toEqual([body.id]);
  expect(await search.ids('Observation?code=forbidden')).toEqual([]);
  expect(await search.ids('Observation?code=allowed')).toHaveLength(10);
}, 30_000);

test('Updates of one resource at the same time make one version each.', async () => {
  await put('counter', 'start');
  const answers = await times(40, (i) => put('counter', `step${i}`));
  expect(answers.map((a) => a.status)).toEqual(answers.map(() => 200));
  const versions = answers.map((a) => Number(a.body.meta?.versionId)).sort((a, b) => a - b);
  expect(versions).toEqual(answers.map((_, i) => i + 2));
  const history = await search.bundle('Observation/counter/_history?_count=100');
  expect(history.entry).toHaveLength(41);
}, 30_000);

test('A resource that another transaction holds makes only its own writer wait.', async () => {
  await times(10, (i) => put(`held${i}`, 'before'));
  await whileHeld(
    `select id from fhir."Observation" where id = 'held3' for update`,
    'commit',
    async (release) => {
      let isDone = false;
      const waiting = put('held3', 'after').then((answer) => {
        isDone = true;
        return answer;
      });
      const others = await times(9, (i) => put(`held${i < 3 ? i : i + 1}`, 'after'));
      expect(others.map((a) => a.status)).toEqual(others.map(() => 200));
      expect((await send('POST', 'Observation', { body: observation('meanwhile') })).status).toBe(201);
      expect(isDone).toBe(false);
      await release();
      expect((await waiting).body.meta?.versionId).toBe('2');
    },
  );
}, 30_000);

test('An id that another server takes at the same time is written on top of it, and the rest of the group is written too.', async () => {
  const answers = await whileHeld(insertRow('taken'), 'commit', async (release) => {
    const writes = times(12, (i) => put(i === 5 ? 'taken' : `beside${i}`, 'group'));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await release();
    return writes;
  });
  expect(answers.map((a) => a.status)).toEqual(answers.map((_, i) => (i === 5 ? 200 : 201)));
  expect(answers[5]?.body.meta?.versionId).toBe('2');
  expect(answers.filter((_, i) => i !== 5).map((a) => a.body.meta?.versionId)).toEqual(Array(11).fill('1'));
}, 30_000);

test('When the connection is lost in the middle, all of the group are told so and nothing is stored.', async () => {
  const answers = await whileHeld(insertRow('lost0'), 'rollback', async () => {
    const writes = times(12, (i) => put(`lost${i}`, 'group'));
    for (let killed = 0; killed === 0;) {
      const { rowCount } = await database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
      );
      killed = rowCount ?? 0;
    }
    return writes;
  });
  expect(answers[0]?.status).toBe(503);
  for (const [i, { status }] of answers.entries()) {
    expect([201, 503]).toContain(status);
    expect(await statusOf(`lost${i}`)).toBe(status === 201 ? 200 : 404);
  }
  expect((await put('lost0', 'again')).status).toBe(201);
}, 30_000);

test('Conditional creates on the same condition make one resource; those on others are not held up.', async () => {
  const create = (i: number): Promise<Outcome> => {
    const value = `mrn-${i % 4}`;
    return send('POST', 'Observation', {
      body: observation('conditional', { identifier: [{ system: 'urn:x', value }] }),
      headers: { 'If-None-Exist': `identifier=urn:x|${value}` },
    });
  };
  const answers = await times(40, create);
  expect(answers.filter((a) => a.status === 201)).toHaveLength(4);
  expect(answers.filter((a) => a.status === 200)).toHaveLength(36);
  expect(new Set(answers.map((a) => a.body.id)).size).toBe(4);
  expect(await search.ids('Observation?code=conditional')).toHaveLength(4);
}, 30_000);

test('A conditional create waits for another server that holds its condition.', async () => {
  const key = `Observation?${new URLSearchParams({ identifier: 'urn:x|waits' }).toString()}`;
  await whileHeld(
    `select pg_advisory_xact_lock(hashtextextended('${key}', 0))`,
    'commit',
    async (release) => {
      let isDone = false;
      const create = send('POST', 'Observation', {
        body: observation('waits', { identifier: [{ system: 'urn:x', value: 'waits' }] }),
        headers: { 'If-None-Exist': 'identifier=urn:x|waits' },
      }).then((answer) => {
        isDone = true;
        return answer;
      });
      expect((await put('not-waiting', 'x')).status).toBe(201);
      expect(isDone).toBe(false);
      await release();
      expect((await create).status).toBe(201);
    },
  );
}, 30_000);
