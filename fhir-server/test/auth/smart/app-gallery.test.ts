/** Apps that people choose among: what they say of themselves, whom it is told to, and copies of their logos. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createInitialAccess } from '../../../src/auth/index.ts';
import { createPool, type Pool } from '../../../src/db/index.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { authorize, redeem } from '../../support/app-flow.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { APP, MOST, register } from './registering.ts';

const PNG = Buffer.from('89504e470d0a1a0a0000', 'hex');

let server: TestServer;
let pool: Pool;
let initial: string;
let site: Server;
let origin: string;
const asked: string[] = [];

/** What the site of the apps answers, by path. */
const FILES: Readonly<Record<string, (answer: ServerResponse) => void>> = {
  '/logo.png': (answer) => void answer.setHeader('Content-Type', 'text/html').end(PNG),
  '/page.png': (answer) =>
    void answer.setHeader('Content-Type', 'image/png').end('<script>alert(1)</script>'),
  '/logo.svg': (answer) => void answer.setHeader('Content-Type', 'image/svg+xml').end('<svg onload="x"/>'),
  '/gone.png': (answer) => void answer.writeHead(404).end(PNG),
  '/moved.png': (answer) => void answer.writeHead(302, { Location: '/logo.png' }).end(),
  '/large.png': (answer) => void answer.end(Buffer.concat([PNG, Buffer.alloc(110_000)])),
};

beforeAll(async () => {
  site = createServer((request, answer) => {
    asked.push(request.url ?? '');
    FILES[request.url ?? '']?.(answer);
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  server = await startTestServer({ EGRESS_ALLOW_PRIVATE: 'true', OAUTH_FAILURES_PER_MINUTE: '10000' });
  pool = createPool(loadConfig({ DATABASE_URL: server.databaseUrl, COOKIE_SECRET: 'x'.repeat(32) }));
  initial = await createInitialAccess(pool, { scope: MOST, uses: 1_000, days: 1 });
}, 30_000);
afterAll(async () => {
  site.close();
  await pool.end();
  await server.close();
});

const make = (metadata: object) => register(server, { ...APP, ...metadata }, initial);

describe('A registration', () => {
  test('says where the app is at home, what it does with data, its logo, and for what it is launched.', async () => {
    const metadata = {
      client_uri: 'https://mine.example/',
      policy_uri: 'https://mine.example/privacy#data',
      logo_uri: 'https://mine.example/logo.png',
      launch_intents: ['percentiles', 'percentiles', 'growth'],
    };
    expect(await make(metadata)).toMatchObject({
      status: 201,
      ...metadata,
      launch_intents: ['percentiles', 'growth'],
    });
    expect(await make({})).not.toHaveProperty('client_uri');
  });

  test.each([
    ['client_uri', 'http://mine.example/'],
    ['client_uri', 'javascript:alert(1)'],
    ['client_uri', 'https://user:secret@mine.example/'],
    ['client_uri', 'mine.example'],
    ['client_uri', 7],
    ['policy_uri', 'data:text/html,x'],
    ['policy_uri', ['https://mine.example/']],
    ['logo_uri', 'http://mine.example/logo.png'],
    ['logo_uri', 'data:image/png;base64,iVBORw0KGgo='],
    ['logo_uri', 'https://169.254.169.254/latest/meta-data/'],
    ['logo_uri', 'file:///etc/passwd'],
    ['launch_intents', 'percentiles'],
    ['launch_intents', ['']],
    ['launch_intents', ['a\nb']],
    ['launch_intents', Array.from({ length: 21 }, (_, i) => `i${i}`)],
  ])('is refused with the %s %p.', async (name, value) => {
    const answer = await make({ [name]: value });
    expect([answer.status, answer.error, answer['error_description']]).toEqual([
      400,
      'invalid_client_metadata',
      expect.stringContaining(name),
    ]);
  });
});

describe('A logo', () => {
  test('is a copy that anybody gets, by what its bytes are, and the site is asked once.', async () => {
    const { client_id } = await make({ logo_uri: `${origin}/logo.png` });
    for (let i = 0; i < 3; i += 1) {
      const logo = await fetch(`${server.baseUrl}/oauth2/apps/${client_id}/logo`);
      expect([logo.status, logo.headers.get('content-type')]).toEqual([200, 'image/png']);
      expect(logo.headers.get('x-content-type-options')).toBe('nosniff');
      expect(Buffer.from(await logo.arrayBuffer()).equals(PNG)).toBe(true);
    }
    expect(asked.filter((path) => path === '/logo.png')).toHaveLength(1);
  });

  test.each(['/page.png', '/logo.svg', '/gone.png', '/moved.png', '/large.png'])(
    'that is none, such as %s, is 404, and the site is left alone for a while.',
    async (path) => {
      const { client_id } = await make({ logo_uri: `${origin}${path}` });
      for (let i = 0; i < 2; i += 1)
        expect((await fetch(`${server.baseUrl}/oauth2/apps/${client_id}/logo`)).status).toBe(404);
      expect(asked.filter((one) => one === path)).toHaveLength(1);
    },
  );

  test('of nobody, and of an app without one, is 404.', async () => {
    const { client_id } = await make({});
    for (const id of [client_id, 'unknown', '%00', '..%2f..', 'x'.repeat(5_000)])
      expect([id, (await fetch(`${server.baseUrl}/oauth2/apps/${id}/logo`)).status]).toEqual([id, 404]);
  });

  test('whose site does not answer is 404 after a few seconds.', async () => {
    const { client_id } = await make({ logo_uri: `${origin}/silent.png` });
    expect((await fetch(`${server.baseUrl}/oauth2/apps/${client_id}/logo`)).status).toBe(404);
  });
});

describe('The apps that a patient may connect', () => {
  const apps = async (token: string): Promise<{ client_name: string; scopes: { scope: string }[] }[]> => {
    const response = await fetch(`${server.baseUrl}/oauth2/apps`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
    return (await response.json()) as { client_name: string; scopes: { scope: string }[] }[];
  };
  const home = { client_uri: 'https://mine.example/' };

  test('are those for patients that have a home page, with what they would ask for, in words.', async () => {
    const { access_token: token } = await redeem(server, await authorize(server, 'patient'));
    await make({ ...home, client_name: 'For patients', scope: 'openid launch/patient offline_access patient/Patient.rs', logo_uri: `${origin}/logo.png` }); // prettier-ignore
    await make({ ...home, client_name: 'Launched alone', scope: 'launch patient/Patient.rs' });
    await make({ client_name: 'Without a home' });
    const found = await apps(token);
    const names = found.map(({ client_name }) => client_name);
    expect(names).toContain('For patients');
    for (const name of ['Launched alone', 'Without a home', 'EHR', 'Backend', 'App'])
      expect(names).not.toContain(name);
    const [app] = found.filter(({ client_name }) => client_name === 'For patients');
    expect(app).toMatchObject({
      client_uri: 'https://mine.example/',
      logo_uri: expect.stringMatching(new RegExp(`^${server.baseUrl}/oauth2/apps/[^/]+/logo$`)),
    });
    expect(app!.scopes.map(({ scope }) => scope)).toEqual(['patient/Patient.rs', 'openid', 'offline_access']);
    expect(JSON.stringify(found)).not.toMatch(/secretHash|jwks|redirect/);
  });

  test('are told to people alone.', async () => {
    const ask = async (token: string | undefined) =>
      (
        await fetch(`${server.baseUrl}/oauth2/apps`, {
          headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
        })
      ).status;
    expect([
      await ask(undefined),
      await ask('made-up'),
      await ask(await server.token('system/*.rs')),
    ]).toEqual([401, 401, 403]);
  });
});
