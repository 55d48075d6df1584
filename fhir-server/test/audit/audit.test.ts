/** Who did what: an AuditEvent for each access, in a chain that tells of every change. https://profiles.ihe.net/ITI/BALP/ */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AuditEvent, Bundle, Resource } from '@medplum/fhirtypes';
import pg from 'pg';
import { appToken } from '../support/app-token.ts';
import { startTestSealer, type TestSealer } from '../support/audit.ts';
import { commandLine } from '../support/command-line.ts';
import { CLINIC, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let sealer: TestSealer;
let database: pg.Pool;
let doctor: string;

beforeAll(async () => {
  server = await startTestServer({ AUDIT_FLUSH_MS: '20' });
  sealer = startTestSealer(server);
  database = new pg.Pool({ connectionString: server.databaseUrl });
  for (const id of ['p1', 'p2']) {
    await server.fhir('PUT', `Patient/${id}`, {
      body: { resourceType: 'Patient', id, managingOrganization: { reference: CLINIC } },
    });
    await server.fhir('PUT', `Observation/o-${id}`, { body: observation(id, `o-${id}`) });
  }
  doctor = await appToken(server, 'doctor', 'user/*.cruds');
}, 30_000);
afterAll(async () => {
  await database.end();
  await sealer.stop();
  await server.close();
});

const observation = (patient: string, id: string): object => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: 'x' },
  subject: { reference: `Patient/${patient}` },
});

interface Seen {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Resource & Record<string, unknown>;
}

async function call(method: string, path: string, token: string, body?: object): Promise<Seen> {
  const response = await server.fhir(method, path, { token, ...(body && { body }) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: (text ? JSON.parse(text) : {}) as Seen['body'] }; // prettier-ignore
}

/** AuditEvents of a request, once they are there. */
async function eventsOf({ headers }: Seen, count = 1): Promise<AuditEvent[]> {
  const requestId = headers.get('x-request-id') ?? '';
  for (let attempt = 1; ; attempt += 1) {
    const { rows } = await database.query<{ content: string }>(
      `select content from fhir."AuditEvent" where content like $1 order by content::json->>'id'`,
      [`%${requestId}%`],
    );
    if (rows.length >= count) return rows.map(({ content }) => JSON.parse(content) as AuditEvent);
    if (attempt === 100) throw new Error(`${rows.length} AuditEvents of ${requestId}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

const whats = (event: AuditEvent): string[] =>
  (event.entity ?? []).flatMap(({ what }) => what?.reference ?? []).sort();
const queries = (event: AuditEvent): string[] =>
  (event.entity ?? []).flatMap(({ query }) => (query === undefined ? [] : [Buffer.from(query, 'base64').toString()])); // prettier-ignore

describe('an AuditEvent tells', () => {
  test('of a read: who, with which app, whose record and what of it.', async () => {
    const [event] = await eventsOf(await call('GET', 'Observation/o-p1', doctor));
    expect(event).toMatchObject({
      type: { code: 'rest' },
      subtype: [{ code: 'read' }],
      action: 'R',
      outcome: '0',
      agent: [
        { who: { reference: 'Practitioner/doc' }, requestor: true },
        { who: { identifier: { value: 'app' } }, network: { type: '2' } },
        { who: { identifier: { value: server.fhirBase } } },
      ],
    });
    expect(whats(event!)).toEqual(['Observation/o-p1', 'Patient/p1']);
  });

  test('of a search about one patient: with its query.', async () => {
    const [event, ...more] = await eventsOf(await call('GET', 'Observation?patient=p1&status=final', doctor));
    expect(more).toEqual([]);
    expect(event).toMatchObject({ subtype: [{ code: 'search-type' }], action: 'E' });
    expect(queries(event!)).toEqual(['Observation?patient=p1&status=final']);
    expect(whats(event!)).toEqual(['Observation/o-p1', 'Patient/p1']);
  });

  test('of a search about several: one for each, without the others, and one with the query.', async () => {
    const events = await eventsOf(await call('GET', 'Observation?_id=o-p1,o-p2', doctor), 3);
    expect(events.map((event) => [whats(event), queries(event)]).sort()).toEqual([
      [[], ['Observation?_id=o-p1%2Co-p2']],
      [['Observation/o-p1', 'Patient/p1'], []],
      [['Observation/o-p2', 'Patient/p2'], []],
    ]);
  });

  test('of writes and deletions, with the version that they made.', async () => {
    const made = await call('POST', 'Observation', doctor, { ...observation('p2', 'x'), id: undefined });
    const name = `Observation/${made.body.id!}`;
    const [create] = await eventsOf(made);
    expect([create?.action, whats(create!)]).toEqual(['C', [`${name}/_history/1`, 'Patient/p2']]);
    const [gone] = await eventsOf(await call('DELETE', name, doctor));
    expect([gone?.action, whats(gone!)]).toEqual(['D', [`${name}/_history/2`, 'Patient/p2']]);
  });

  test('of a transaction, whose record is undone with it.', async () => {
    const entry = (resource: object) => ({ resource, request: { method: 'POST', url: 'Observation' } });
    const bundle = (...entries: object[]) => ({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: entries,
    });
    const good = entry({ ...observation('p1', 'x'), id: undefined });
    const done = await eventsOf(await call('POST', '', doctor, bundle(good)));
    expect(done.map(({ subtype, outcome }) => [subtype?.[0]?.code, outcome])).toEqual([['create', '0']]);
    const endpoint = { resourceType: 'Subscription', status: 'requested', reason: 'x', criteria: 'Observation?', channel: { type: 'rest-hook', endpoint: 'https://x.example' } }; // prettier-ignore
    const bad = { resource: endpoint, request: { method: 'POST', url: 'Subscription' } };
    const refused = await call('POST', '', doctor, bundle(good, bad));
    expect(refused.status).toBe(403);
    const failed = await eventsOf(refused);
    expect(failed.map(({ subtype, outcome }) => [subtype?.[0]?.code, outcome])).toEqual([
      ['transaction', '4'],
    ]);
  });

  test('of what is refused, and of what is not there. (smart 130)', async () => {
    const own = await appToken(server, 'patient', 'launch/patient patient/*.rs');
    const [foreign] = await eventsOf(await call('GET', 'Observation/o-p2', own));
    expect([foreign?.outcome, whats(foreign!)]).toEqual(['4', ['Observation/o-p2', 'Patient/p2']]);
    const [unknown] = await eventsOf(await call('GET', 'Observation/none', own));
    expect([unknown?.outcome, whats(unknown!)]).toEqual(['4', ['Observation/none']]);
  });

  test('of each resource of a history, of $everything and of a batch.', async () => {
    const history = await eventsOf(await call('GET', 'Observation/o-p1/_history', doctor));
    expect(history.map(whats)).toEqual([['Observation/o-p1', 'Patient/p1']]);
    const everything = await eventsOf(await call('GET', 'Patient/p1/$everything', doctor));
    expect(everything.flatMap(whats)).toEqual(expect.arrayContaining(['Observation/o-p1', 'Patient/p1']));
    const entry = [
      { request: { method: 'GET', url: 'Observation/o-p1' } },
      { request: { method: 'GET', url: 'Patient?_id=p2' } },
    ];
    const batch = await call('POST', '', doctor, { resourceType: 'Bundle', type: 'batch', entry });
    const events = await eventsOf(batch, 3);
    expect(events.flatMap(whats).sort()).toEqual([
      'Observation/o-p1',
      'Patient/p1',
      'Patient/p2',
      'Patient/p2',
    ]);
  });
});

describe('AuditEvents are found', () => {
  test('by the patient in his own record: what was seen, and by whom; and no one else’s.', async () => {
    await eventsOf(await call('GET', 'Observation/o-p1', doctor));
    const own = await appToken(server, 'patient', 'user/AuditEvent.rs');
    await eventsOf(await call('GET', 'Observation/o-p2', own));
    const { body } = await call('GET', 'AuditEvent?_count=1000', own);
    const found = ((body as unknown as Bundle).entry ?? []).map(({ resource }) => resource as AuditEvent);
    expect(found.length).toBeGreaterThan(0);
    expect(found.some((event) => event.agent.some(({ who }) => who?.reference === 'Practitioner/doc'))).toBe(true); // prettier-ignore
    expect(found.flatMap(whats).filter((name) => name.endsWith('p2'))).toEqual([]);
  });

  test('by no clinician.', async () => {
    expect((await call('GET', 'AuditEvent', doctor)).status).toBe(403);
  });
});

describe('the chain', () => {
  const cli = () => commandLine({ DATABASE_URL: server.databaseUrl, BASE_URL: server.baseUrl });
  const anEvent = async (): Promise<string> => {
    const [event] = await eventsOf(await call('GET', 'Observation/o-p1', doctor));
    return event!.id!;
  };

  test('holds, and is exported as NDJSON.', async () => {
    const id = await anEvent();
    expect(await cli().run(['audit', 'verify'])).toMatchObject({ code: 0, told: expect.stringContaining('all as they were sealed') }); // prettier-ignore
    const { told } = await cli().run(['audit', 'export', '2020-01-01']);
    const exported = told.trim().split('\n').map((line) => JSON.parse(line) as AuditEvent); // prettier-ignore
    expect(exported.map((event) => event.id)).toContain(id);
  }, 30_000);

  test.each([
    [
      'changed',
      `update fhir."AuditEvent" set content = replace(content, '"outcome":"0"', '"outcome":"4"') where id = $1`,
    ],
    ['removed', `delete from fhir."AuditEvent" where id = $1`],
    ['cut out with its seal', `delete from audit.seal where $1 = any(events)`],
  ])(
    'tells when an AuditEvent was %s behind the server’s back.',
    async (_what, sql) => {
      const id = await anEvent();
      await anEvent();
      await database.query(`create table kept as select * from audit.seal; create table kept_events as select * from fhir."AuditEvent"`); // prettier-ignore
      await database.query(sql, [id]);
      const { code, told } = await cli().run(['audit', 'verify']);
      await database.query(`delete from audit.seal; insert into audit.seal select * from kept; delete from fhir."AuditEvent"; insert into fhir."AuditEvent" select * from kept_events; drop table kept; drop table kept_events`); // prettier-ignore
      expect([code, told]).toEqual([1, expect.stringMatching(/seal \d+|seals \d+/)]);
    },
    30_000,
  );

  test('goes on when its beginning has been kept long enough and is removed.', async () => {
    await anEvent();
    await database.query(`update audit.seal set sealed_at = now() - interval '3 days' where seq < (select max(seq) from audit.seal)`); // prettier-ignore
    const other = startTestSealer(server, { AUDIT_RETENTION_DAYS: '2' });
    const first = async (): Promise<number> =>
      Number((await database.query<{ seq: string }>('select min(seq) as seq from audit.seal')).rows[0]?.seq);
    while ((await first()) === 1) await new Promise((resolve) => setTimeout(resolve, 20));
    await other.stop();
    await anEvent();
    expect(await cli().run(['audit', 'verify'])).toMatchObject({ code: 0 });
  }, 30_000);
});

/** Of the read that the tests below make; tokens have records of their own. */
const PENDING = `select 1 from audit.pending where record like '%Patient/none%'`;

test('With AUDIT_SYNCHRONOUS the record of a read is there before its answer.', async () => {
  const own = await startTestServer({ AUDIT_SYNCHRONOUS: 'true' });
  const pool = new pg.Pool({ connectionString: own.databaseUrl });
  try {
    await own.fhir('GET', 'Patient/none');
    const { rows } = await pool.query(PENDING);
    expect(rows).toHaveLength(1);
  } finally {
    await pool.end();
    await own.close();
  }
}, 30_000);

test('What is not written yet is when the api is shut down.', async () => {
  const own = await startTestServer({ AUDIT_FLUSH_MS: '60000' });
  await own.fhir('GET', 'Patient/none');
  const pool = new pg.Pool({ connectionString: own.databaseUrl });
  const count = async (): Promise<number> => (await pool.query(PENDING)).rows.length;
  expect(await count()).toBe(0);
  try {
    await own.stop();
    expect(await count()).toBe(1);
  } finally {
    await pool.end();
    await own.close();
  }
}, 30_000);
