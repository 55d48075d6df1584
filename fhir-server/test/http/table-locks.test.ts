/** What goes on while somebody holds a table, as a backup does. https://www.postgresql.org/docs/current/explicit-locking.html */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let backup: pg.Client;

beforeAll(async () => {
  server = await startTestServer();
  backup = new pg.Client({ connectionString: server.databaseUrl });
  backup.on('error', () => undefined);
  await backup.connect();
}, 30_000);
afterAll(async () => {
  await backup.end();
  await server.close();
});

const basic = { resourceType: 'Basic', id: 'x', code: { text: 'x' } };

test('While a table is held that a new parameter widens, reads go on and writes are told to try again.', async () => {
  expect((await server.fhir('PUT', 'Basic/x', { body: basic })).status).toBe(201);
  await backup.query('begin; lock table fhir."Basic" in access share mode');
  const parameter = {
    resourceType: 'SearchParameter',
    id: 'basic-made',
    url: 'https://example.org/SearchParameter/basic-made',
    name: 'made',
    status: 'active',
    description: 'made',
    code: 'made',
    base: ['Basic'],
    type: 'date',
    expression: 'Basic.extension.value',
  };
  const put = await server.fhir('PUT', 'SearchParameter/basic-made', { body: parameter });
  expect([put.status, put.status === 201 ? '' : await put.text()]).toEqual([201, '']);
  expect((await server.fhir('GET', 'Basic/x')).status).toBe(200);
  expect((await server.fhir('GET', 'Basic?_id=x')).status).toBe(200);
  const refused = await server.fhir('PUT', 'Basic/x', { body: { ...basic, code: { text: 'y' } } });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
  expect(await refused.json()).toMatchObject({ issue: [{ code: 'transient' }] });
  await backup.query('rollback');
  expect((await server.fhir('PUT', 'Basic/x', { body: { ...basic, code: { text: 'y' } } })).status).toBe(200);
}, 60_000);
