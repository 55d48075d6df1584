/** What is refused, and with what. https://hl7.org/fhir/R4/http.html#Status-Codes */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { CapabilityStatement } from '@medplum/fhirtypes';
import pg from 'pg';
import { searcher, type Searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let refusal: Searcher['refusal'];

beforeAll(async () => {
  server = await startTestServer({ DATABASE_POOL_SIZE: '1', REINDEX_POLL_MS: '20' });
  const client = searcher(server);
  refusal = client.refusal;
  await client.store(
    { resourceType: 'Patient', id: 'x', birthDate: '1980-02-10', name: [{ family: 'Muster' }] },
    {
      resourceType: 'Observation',
      id: 'o',
      status: 'final',
      code: { text: 'pulse' },
      subject: { reference: 'Patient/x' },
    },
  );
}, 30_000);
afterAll(() => server.close());

test('One connection is enough: what listens takes none of the pool.', async () => {
  expect((await fetch(`${server.baseUrl}/readyz`)).status).toBe(200);
});

test('Operators of _filter are no modifiers and no prefixes.', async () => {
  for (const query of ['family:equals=Muster', 'family:ends=ster', 'birthdate=po1980-02'])
    expect([query, (await refusal(`Patient?${query}`)).status]).toEqual([query, 400]);
  for (const filter of ['family eq Muster', 'family ew ster', 'birthdate po 1980-02']) {
    const found = await server.fhir('GET', `Patient?_filter=${encodeURIComponent(filter)}`);
    expect(await found.json()).toMatchObject({ entry: [{ resource: { id: 'x' } }] });
  }
});

test('A method that an address does not have is 405 with those that it has.', async () => {
  for (const [method, path, allow] of [
    ['POST', 'Patient/x', 'GET, HEAD, PUT, PATCH, DELETE'],
    ['DELETE', 'Patient/x/_history', 'GET, HEAD'],
    ['GET', 'Observation/$reindex', 'POST'],
    ['PUT', 'metadata', 'GET, HEAD'],
  ] as const) {
    const response = await server.fhir(method, path);
    expect([path, response.status, response.headers.get('allow')]).toEqual([path, 405, allow]);
  }
});

test('A batch takes searches and histories of the whole system.', async () => {
  const entry = ['_history?_count=1', '?_type=Patient', 'metadata'].map((url) => ({
    request: { method: 'GET', url },
  }));
  const response = await server.fhir('POST', '', { body: { resourceType: 'Bundle', type: 'batch', entry } });
  const { entry: answers } = (await response.json()) as { entry: { response: { status: string } }[] };
  expect(answers.map((a) => a.response.status.slice(0, 3))).toEqual(['200', '200', '400']);
});

test('A read and a vread come with the elements that are asked for, and marked.', async () => {
  for (const path of ['Patient/x', 'Patient/x/_history/1']) {
    const picked = await (await server.fhir('GET', `${path}?_elements=birthDate`)).json();
    expect(picked).toMatchObject({ birthDate: '1980-02-10', meta: { tag: [{ code: 'SUBSETTED' }] } });
    expect(picked).not.toHaveProperty('name');
    expect((await server.fhir('GET', `${path}?_summary=nonsense`)).status).toBe(400);
  }
});

test('The CapabilityStatement names every include.', async () => {
  const { rest } = (await (await server.fhir('GET', 'metadata')).json()) as CapabilityStatement;
  const observation = rest?.[0]?.resource?.find((r) => r.type === 'Observation');
  expect(observation?.searchInclude).toEqual(
    expect.arrayContaining(['*', 'Observation:*', 'Observation:subject']),
  );
});

test('What reads the index of a type that is being indexed anew is 503; what goes by id is not.', async () => {
  const database = new pg.Client({ connectionString: server.databaseUrl });
  await database.connect();
  await database.query(`update fhir.layout set index_form = 1 where resource_type = 'Observation'`);
  await database.end();
  const deadline = Date.now() + 5_000;
  while ((await refusal('Observation?code=x')).status !== 503 && Date.now() < deadline);
  for (const path of [
    'Observation',
    'Observation?_text=pulse',
    'Patient/x/Observation',
    'Patient/x/*',
    'Patient/x/$everything',
    'Patient?_has:Observation:patient:_id=o',
    'Patient?_revinclude=Observation:patient',
  ]) {
    const { status, code } = await refusal(path);
    expect([path, status, code]).toEqual([path, 503, 'transient']);
  }
  for (const path of ['Observation/o', 'Observation/o/_history', 'Patient?family=muster'])
    expect([path, (await server.fhir('GET', path)).status]).toEqual([path, 200]);
  // A right that depends on the content means the same, and is decided by the content.
  const mayFinal = await server.token('system/Observation.rus?status=final');
  const mayAmended = await server.token('system/Observation.rs?status=amended');
  for (const [path, token, expected] of [
    ['Observation/o', mayFinal, 200],
    ['Observation/o/_history/1', mayFinal, 200],
    ['Observation/o', mayAmended, 404],
    ['Observation/o/_history/1', mayAmended, 404],
    ['Observation', mayFinal, 503],
    ['Observation/_history', mayFinal, 503],
  ] as const)
    expect([path, expected, (await server.fhir('GET', path, { token })).status]).toEqual([
      path,
      expected,
      expected,
    ]);
});
