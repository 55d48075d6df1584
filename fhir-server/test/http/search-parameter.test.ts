/** SearchParameters at run time over HTTP, with the worker's part in this process. https://hl7.org/fhir/R4/searchparameter.html */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Bundle,
  CapabilityStatement,
  OperationOutcome,
  Parameters,
  Patient,
  Resource,
} from '@medplum/fhirtypes';
import pg from 'pg';
import { startApi, type RunningApi } from '../../src/api.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { pickPort } from '../../../scripts/postgres/port.ts';
import { REINDEX_SETTINGS, startTestWorker, type TestWorker } from '../support/reindex.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const EYES = 'https://example.org/eyes';
let server: TestServer;
let database: pg.Client;
let worker: TestWorker | undefined;

beforeAll(async () => {
  server = await startTestServer({ ...REINDEX_SETTINGS, SEARCH_CUSTOM_PARAMETERS_MAX: '12' });
  database = new pg.Client({ connectionString: server.databaseUrl });
  // Dropping the database may cut the connection.
  database.on('error', () => undefined);
  await database.connect();
}, 30_000);
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
});
afterAll(async () => {
  await database.end();
  await server.close();
});

const parameter = (code: string, type: string, expression: string, rest: object = {}): object => ({
  resourceType: 'SearchParameter',
  id: code,
  url: `https://example.org/SearchParameter/${code}`,
  name: code,
  status: 'active',
  description: code,
  code,
  base: ['Patient'],
  type,
  expression,
  ...rest,
});
const put = (resource: object): Promise<Response> => {
  const { resourceType, id } = resource as Resource;
  return server.fhir('PUT', `${resourceType}/${id}`, { body: resource });
};
const patient = (id: string, rest: object = {}): Promise<Response> =>
  put({ resourceType: 'Patient', id, ...rest });
const ids = async (query: string): Promise<string[]> => {
  const response = await server.fhir('GET', query, { headers: { Prefer: 'handling=strict' } });
  const bundle = (await response.json()) as Bundle;
  return response.status === 200
    ? (bundle.entry ?? []).map((e) => e.resource?.id ?? '').sort()
    : [String(response.status)];
};
const until = async (query: string, expected: readonly string[]): Promise<void> => {
  for (const end = Date.now() + 8_000; Date.now() < end; await sleep(25))
    if ((await ids(query)).join() === expected.join()) return;
  expect(await ids(query)).toEqual(expected);
};

describe('A SearchParameter over resources that are there already', () => {
  beforeAll(async () => {
    await patient('old', {
      birthDate: '1950-02-03',
      contact: [{ name: { family: 'Kowalski' }, gender: 'female' }],
      managingOrganization: { reference: 'Organization/o1' },
      photo: [{ title: 'portrait', creation: '2020-05-06' }],
      extension: [{ url: EYES, valueString: 'Green' }],
    });
    await patient('other', { contact: [{ name: { family: 'Smith' } }], photo: [{ creation: '2010-01-01' }] });
  });

  test.each([
    ['contact-gender', 'token', 'Patient.contact.gender', 'female', 'old'],
    ['contact-family', 'string', 'Patient.contact.name.family', 'kowal', 'old'],
    ['photographed', 'date', 'Patient.photo.creation', 'ge2020', 'old'],
    ['keeper', 'reference', 'Patient.managingOrganization', 'Organization/o1', 'old'],
    ['eyes', 'string', `Patient.extension('${EYES}').value`, 'green', 'old'],
    ['contacts', 'number', 'Patient.contact.count()', '1', 'old,other'],
  ])(
    'is not ready before its values are indexed, and found by afterwards: %s',
    async (code, type, expression, value, found) => {
      expect((await put(parameter(code, type, expression))).status).toBe(201);
      expect(await ids(`Patient?${code}=${value}`)).toEqual(['503']);
      expect(await ids(`Patient?_sort=${code}`)).toEqual(['503']);
      worker = startTestWorker(server);
      await until(`Patient?${code}=${value}`, found.split(','));
      await patient(`new-${code}`, { birthDate: '2000-01-01' });
      expect(await ids(`Patient?${code}:missing=true&_id=new-${code},old`)).toEqual(
        code === 'contacts' ? [] : [`new-${code}`],
      );
    },
  );

  test('may be a composite of the standard’s parameters.', async () => {
    const uri = 'http://hl7.org/fhir/SearchParameter/individual-';
    const component = [
      { definition: `${uri}gender`, expression: 'gender' },
      { definition: `${uri}family`, expression: 'name.family' },
    ];
    await put(parameter('contact-who', 'composite', 'Patient.contact', { component }));
    expect(await ids('Patient?contact-who=female$kowalski')).toEqual(['503']);
    worker = startTestWorker(server);
    await until('Patient?contact-who=female$kowalski', ['old']);
    expect(await ids('Patient?contact-who=male$kowalski')).toEqual([]);
  });

  test('may fail on one resource, which is written all the same.', async () => {
    await put(parameter('only-name', 'string', 'Patient.name.single().family'));
    const two = await patient('two-names', { name: [{ family: 'Pauli' }, { family: 'Jordan' }] });
    expect(two.status).toBe(201);
    await patient('one-name', { name: [{ family: 'Pauli' }] });
    worker = startTestWorker(server);
    await until('Patient?only-name=pauli', ['one-name']);
    expect(await ids('Patient?family=jordan')).toEqual(['two-names']);
    await server.fhir('DELETE', 'SearchParameter/only-name');
  });

  test('keeps versions, times and content as they are, and makes no events.', async () => {
    const before = await (await server.fhir('GET', 'Patient/old')).text();
    const { rows: events } = await database.query('select from outbox');
    const started = await server.fhir('POST', 'Patient/$reindex');
    expect(started.status).toBe(202);
    const place = started.headers.get('content-location') ?? '';
    expect((await states(place))[0]).toBe('waiting');
    worker = startTestWorker(server);
    for (const end = Date.now() + 8_000; Date.now() < end && (await states(place))[0] !== 'done';)
      await sleep(25);
    const [state, total, done, type] = await states(place);
    expect([state, type]).toEqual(['done', 'Patient']);
    expect([done, Number(total) > 2]).toEqual([total, true]);
    expect(await (await server.fhir('GET', 'Patient/old')).text()).toBe(before);
    expect((await database.query('select from outbox')).rows).toHaveLength(events.length);
  });

  test('is in the CapabilityStatement when it is ready, and gone when it is retired.', async () => {
    const listed = async (): Promise<boolean> => {
      const statement = (await (await server.fhir('GET', 'metadata')).json()) as CapabilityStatement;
      const patients = statement.rest?.[0]?.resource?.find((r) => r.type === 'Patient');
      return patients?.searchParam?.some((p) => p.name === 'nick') === true;
    };
    await put(parameter('nick', 'string', 'Patient.name.given'));
    expect(await listed()).toBe(false);
    worker = startTestWorker(server);
    await until('Patient?nick=nobody', []);
    expect(await listed()).toBe(true);
    await put(parameter('nick', 'string', 'Patient.name.given', { status: 'retired' }));
    expect(await ids('Patient?nick=nobody')).toEqual(['400']);
    expect(await listed()).toBe(false);
    await worker.stop();
    worker = undefined;
    await put(parameter('nick', 'string', 'Patient.name.given'));
    expect(await ids('Patient?nick=nobody')).toEqual(['503']);
    await server.fhir('DELETE', 'SearchParameter/nick');
    expect(await ids('Patient?nick=nobody')).toEqual(['400']);
  });
});

async function states(place: string): Promise<[unknown, unknown, unknown, unknown]> {
  const response = await server.fhir('GET', place.slice(server.fhirBase.length + 1));
  const { parameter: all = [] } = (await response.json()) as Parameters;
  const of = (name: string) => all.find((p) => p.name === name);
  return [of('state')?.valueCode, of('total')?.valueDecimal, of('done')?.valueDecimal, of('type')?.valueCode];
}

describe('Refused with 422 and the place is', () => {
  const good = 'Patient.name.text';
  test.each([
    ['the type special', parameter('bad', 'special', good), 'type'],
    ['a missing expression', { ...parameter('bad', 'string', good), expression: undefined }, 'expression'],
    ['what is no FHIRPath', parameter('bad', 'string', 'Patient.name.where('), 'expression'],
    ['an unknown function', parameter('bad', 'string', 'Patient.name.frobnicate()'), 'expression'],
    ['what reads elsewhere', parameter('bad', 'string', 'Patient.link.other.resolve().name'), 'expression'],
    ['another type’s path', parameter('bad', 'string', 'Observation.code'), 'expression'],
    ['a code of the standard', parameter('family', 'string', good), 'code'],
    ['a code that is no name', parameter('bad', 'string', good, { code: 'a.b' }), 'code'],
    [
      'a url of the standard',
      parameter('bad', 'string', good, { url: 'http://hl7.org/fhir/SearchParameter/individual-family' }),
      'url',
    ],
    ['a composite without components', parameter('bad', 'composite', 'Patient'), 'component'],
    [
      'an unknown component',
      parameter('bad', 'composite', 'Patient.contact', {
        component: [{ definition: 'https://example.org/none', expression: 'gender' }],
      }),
      'component[0].definition',
    ],
  ])('%s.', async (_what, resource, place) => {
    const response = await put({ ...resource, id: 'bad' });
    const { issue } = (await response.json()) as OperationOutcome;
    expect(response.status).toBe(422);
    expect(issue.map((i) => i.expression?.[0])).toContain(`SearchParameter.${place}`);
    expect((await put({ ...resource, id: 'draft', status: 'draft' })).status).toBeLessThan(300);
  });

  test('an unknown base: 400, as for any resource with a code that its value set lacks.', async () => {
    const response = await put(parameter('bad', 'string', good, { base: ['Patient', 'Toaster'] }));
    const { issue } = (await response.json()) as OperationOutcome;
    expect([response.status, issue[0]?.expression?.[0]]).toEqual([400, 'SearchParameter.base[1]']);
  });

  test('a code or url that another has, and more than the limit.', async () => {
    await put(parameter('twice', 'string', good));
    const sameCode = await put({
      ...parameter('twice', 'string', good),
      id: 'bad',
      url: 'https://example.org/x',
    });
    expect([sameCode.status, await sameCode.text()]).toEqual([422, expect.stringContaining('.code"')]);
    const sameUrl = await put({ ...parameter('twice', 'string', good), id: 'bad', code: 'thrice' });
    expect([sameUrl.status, await sameUrl.text()]).toEqual([422, expect.stringContaining('.url"')]);
    let last = 201;
    for (let i = 0; i < 13 && last < 300; i++) last = (await put(parameter(`n${i}`, 'string', good))).status;
    expect(last).toBe(422);
    for (let i = 0; i < 13; i++) await server.fhir('DELETE', `SearchParameter/n${i}`);
  }, 20_000);
});

/** The worker as a process, to be killed. */
const spawnWorker = (env: Readonly<Record<string, string>>): ChildProcess =>
  spawn(process.execPath, ['fhir-server/src/worker.ts'], {
    cwd: resolve(import.meta.dirname, '../../..'),
    stdio: 'ignore',
    env: {
      ...process.env,
      DATABASE_URL: server.databaseUrl,
      BASE_URL: server.baseUrl,
      COOKIE_SECRET: 'a secret that is long enough for tests',
      ...REINDEX_SETTINGS,
      ...env,
    },
  });

describe('The indexing', () => {
  const marks = (query: string): string => `Patient?mark=${query}&_count=500&_elements=id`;

  test('goes on where it was after kill -9, and takes what is written meanwhile.', async () => {
    const entry = Array.from({ length: 60 }, (_, i) => {
      const id = `m${String(i).padStart(2, '0')}`;
      const resource = { resourceType: 'Patient', id, contact: [{ name: { text: 'before' } }] };
      return { resource, request: { method: 'PUT', url: `Patient/${id}` } };
    });
    await server.fhir('POST', '', { body: { resourceType: 'Bundle', type: 'transaction', entry } });
    await put(parameter('mark', 'string', 'Patient.contact.name.text'));
    const slow = { REINDEX_BATCH_SIZE: '5', REINDEX_PAUSE_MS: '60' };
    const killed = spawnWorker({ ...slow, REINDEX_LEASE_MS: '400' });
    const positions = async (): Promise<number> => {
      const { rows } = await database.query<{ done: string }>(
        `select done from fhir.reindex_job where parameter_id = 'mark'`,
      );
      return Number(rows[0]?.done);
    };
    while ((await positions()) < 20) await sleep(10);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const reached = await positions();
    expect(reached).toBeLessThan(60);
    expect(await ids(marks('before'))).toEqual(['503']);
    const changes = entry
      .filter((_, i) => i % 3 === 0)
      .map(({ resource }) => patient(resource.id, { contact: [{ name: { text: 'after' } }] }));
    worker = startTestWorker(server, slow);
    await Promise.all(changes);
    for (const end = Date.now() + 10_000; Date.now() < end; await sleep(50))
      if ((await ids(marks('before'))).length > 1) break;
    expect(await ids(marks('after'))).toHaveLength(20);
    expect(await ids(marks('before'))).toHaveLength(40);
  }, 30_000);

  test('includes what a process wrote that did not know of the parameter.', async () => {
    await put(parameter('late', 'string', 'Patient.contact.name.text'));
    worker = startTestWorker(server, { REINDEX_POLL_MS: '1000', REINDEX_SETTLE_MS: '1500' });
    const passed = `select from fhir.reindex_job where parameter_id = 'late' and fence is null and type_number = 1`;
    while ((await database.query(passed)).rowCount === 0) await sleep(10);
    // As such a process would leave it: the content without its index.
    await patient('stale', { contact: [{ name: { text: 'unseen' } }] });
    await database.query(`delete from fhir."Patient_string" where id = 'stale' and param = 'late'`);
    await until('Patient?late=unseen', ['stale']);
  }, 20_000);

  test('of an older form keeps searches of the type waiting until it is done.', async () => {
    await patient('formed', { name: [{ family: 'Formed' }] });
    await database.query(`delete from fhir."Patient_string" where id = 'formed'`);
    await database.query(`update fhir.layout set index_form = 1 where resource_type = 'Patient'`);
    await database.query('notify search_parameter');
    await until('Patient?family=formed', ['503']);
    expect(await ids('Observation?status=final')).toEqual([]);
    worker = startTestWorker(server);
    await until('Patient?family=formed', ['formed']);
  }, 20_000);

  test('is not started or watched by callers with restricted rights.', async () => {
    const token = await server.token('system/Patient.cruds');
    expect((await server.fhir('POST', '$reindex', { token })).status).toBe(403);
    const place = '$reindex-status?job=00000000-0000-4000-8000-000000000000';
    expect((await server.fhir('GET', place, { token })).status).toBe(403);
    expect((await server.fhir('GET', place)).status).toBe(404);
    expect((await server.fhir('GET', '$reindex')).status).toBe(405);
  });
});

test('Another api process on the same database knows the parameters from its start, and learns of new ones.', async () => {
  worker = startTestWorker(server);
  await put(parameter('twice', 'string', 'Patient.name.text'));
  await until('Patient?twice=nobody', []);
  const port = await pickPort();
  const config = loadConfig({
    DATABASE_URL: server.databaseUrl,
    PORT: String(port),
    COOKIE_SECRET: 'a secret that is long enough for tests',
    LOG_LEVEL: 'fatal',
    ...REINDEX_SETTINGS,
  });
  const other: RunningApi = await startApi(config, createLogger('test', 'fatal'));
  const codes = async (): Promise<string[]> => {
    const statement = (await (await fetch(`${config.fhirBase}/metadata`)).json()) as CapabilityStatement;
    const of = statement.rest?.[0]?.resource?.find(
      (r) => r.type === ('Patient' satisfies Patient['resourceType']),
    );
    return of?.searchParam?.map((p) => p.name) ?? [];
  };
  try {
    expect(await codes()).toContain('twice');
    await put(parameter('fresh', 'token', 'Patient.contact.gender'));
    for (const end = Date.now() + 8_000; Date.now() < end && !(await codes()).includes('fresh');)
      await sleep(25);
    expect(await codes()).toContain('fresh');
    await server.fhir('DELETE', 'SearchParameter/fresh');
    for (const end = Date.now() + 8_000; Date.now() < end && (await codes()).includes('fresh');)
      await sleep(25);
    expect(await codes()).not.toContain('fresh');
  } finally {
    await other.close();
  }
}, 30_000);
