/** Apps that act for a user, as an app of the clinic shows them to him: his own alone, with the scope for it alone. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPool, type Pool } from '../../../src/db/index.ts';
import { provisionAccounts } from '../../../src/auth/index.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { authorize, redeem } from '../../support/app-flow.ts';
import { CLINIC, REDIRECT, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let pool: Pool;
let own: string;

beforeAll(async () => {
  server = await startTestServer();
  pool = createPool(loadConfig({ DATABASE_URL: server.databaseUrl, COOKIE_SECRET: 'x'.repeat(32) }));
  await provisionAccounts(pool, {
    users: [],
    clients: [
      {
        clientId: 'portal',
        name: 'Portal',
        redirectUris: [REDIRECT],
        skipConsent: true,
        scope: 'launch/patient account/apps.read account/apps.write patient/*.rs',
      },
    ],
  });
  const managingOrganization = { reference: CLINIC };
  await server.fhir('PUT', 'Patient/p1', {
    body: { resourceType: 'Patient', id: 'p1', managingOrganization },
  });
  own = await portalToken('account/apps.read account/apps.write patient/Patient.rs');
}, 30_000);
afterAll(async () => {
  await pool.end();
  await server.close();
});

async function portalToken(scope: string): Promise<string> {
  const client = { client_id: 'portal' };
  return (await redeem(server, await authorize(server, 'patient', { ...client, scope }), client))
    .access_token;
}

const connect = async (username: string): Promise<string> =>
  (await redeem(server, await authorize(server, username, { scope: 'launch/patient patient/Patient.rs' })))
    .access_token;

const ask = (method: string, path: string, token: string | undefined): Promise<Response> =>
  fetch(`${server.baseUrl}/oauth2/apps${path}`, {
    method,
    headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
  });

interface Listed {
  readonly client_id: string;
  readonly since: string;
  readonly scopes: readonly { readonly scope: string; readonly words: string }[];
}
const listed = async (token = own): Promise<Listed[]> =>
  (await (await ask('GET', '/access', token)).json()) as Listed[];
const isAlive = async (token: string): Promise<boolean> =>
  (await server.fhir('GET', 'Patient/p1', { token })).status === 200;

describe('A user', () => {
  test('sees which apps have access, since when and to what, and takes it back at once.', async () => {
    const token = await connect('patient');
    const app = (await listed()).find(({ client_id }) => client_id === 'app');
    expect(app).toMatchObject({ client_name: 'App' });
    expect(Math.abs(Date.parse(app!.since) - Date.now())).toBeLessThan(60_000);
    expect(app!.scopes).toContainEqual({
      scope: 'patient/Patient.rs',
      words: 'Read and search your personal details',
    });
    expect(await isAlive(token)).toBe(true);
    expect((await ask('DELETE', '/app/access', own)).status).toBe(204);
    for (let i = 0; i < 50 && (await isAlive(token)); i += 1)
      await new Promise((next) => setTimeout(next, 20));
    expect(await isAlive(token)).toBe(false);
    expect((await listed()).map(({ client_id }) => client_id)).toEqual(['portal']);
    expect((await ask('DELETE', '/app/access', own)).status).toBe(404);
  });

  test('sees and takes back nothing of others (attack 1).', async () => {
    const doctors = await connect('doctor');
    expect((await listed()).map(({ client_id }) => client_id)).toEqual(['portal']);
    for (const id of ['app', 'unknown', '%00', encodeURIComponent(`' or 1=1`)])
      expect([id, (await ask('DELETE', `/${id}/access`, own)).status]).toEqual([id, 404]);
    expect(await isAlive(doctors)).toBe(true);
  });
});

describe('An app', () => {
  test('without the scope is refused, whatever else it may do; to read is not to take back.', async () => {
    const reader = await portalToken('account/apps.read patient/Patient.rs');
    expect((await ask('GET', '/access', reader)).status).toBe(200);
    const refused = await ask('DELETE', '/app/access', reader);
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
      403,
      'Bearer error="insufficient_scope", scope="account/apps.write"',
    ]);
    for (const token of [await connect('patient'), await server.token('system/*.cruds')])
      for (const [method, path] of [
        ['GET', '/access'],
        ['DELETE', '/portal/access'],
      ] as const)
        expect((await ask(method, path, token)).status).toBe(403);
    for (const token of [undefined, 'made-up']) expect((await ask('GET', '/access', token)).status).toBe(401);
  });

  test('that is not registered for the scope does not get it, and the scope reaches no resource.', async () => {
    const scope = 'launch/patient patient/Patient.rs account/apps.read account/apps.write';
    expect((await redeem(server, await authorize(server, 'patient', { scope }))).scope).not.toContain(
      'account',
    );
    const alone = await portalToken('account/apps.read');
    expect((await server.fhir('GET', 'Patient/p1', { token: alone })).status).toBe(403);
  });
});
