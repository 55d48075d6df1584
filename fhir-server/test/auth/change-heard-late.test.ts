/** Whoever takes rights away by this process finds them gone, however late PostgreSQL tells of it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPool, type Pool } from '../../src/db/index.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { authorize, redeem } from '../support/app-flow.ts';
import { whileDeaf } from '../support/listeners.ts';
import { CLINIC, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let pool: Pool;

beforeAll(async () => {
  server = await startTestServer();
  pool = createPool(loadConfig({ DATABASE_URL: server.databaseUrl, COOKIE_SECRET: 'x'.repeat(32) }));
  await server.fhir('PUT', 'Patient/p1', {
    body: { resourceType: 'Patient', id: 'p1', managingOrganization: { reference: CLINIC } },
  });
}, 30_000);
afterAll(async () => {
  await pool.end();
  await server.close();
});

test('A token whose code is used again is refused at once (attack 32).', async () => {
  const arrival = await authorize(server, 'doctor');
  const { access_token: token } = await redeem(server, arrival);
  expect((await server.fhir('GET', 'Patient/p1', { token })).status).toBe(200);
  await whileDeaf(pool, 'auth_changed', async () => {
    expect(await redeem(server, arrival)).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect((await server.fhir('GET', 'Patient/p1', { token })).status).toBe(401);
  });
});
