/** A server that clients reach by https, through a proxy: its cookies, and the addresses that it tells. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startApi, type RunningApi } from '../../../src/api.ts';
import { provisionAccounts } from '../../../src/auth/index.ts';
import { createPool } from '../../../src/db/index.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { createLogger } from '../../../src/platform/logger.ts';
import { CHALLENGE } from '../../support/app-flow.ts';
import { createDatabase } from '../../support/database.ts';

const BASE = 'https://fhir.example';
const dataDir = mkdtempSync(join(tmpdir(), 'dr-assistant-https-'));
let api: RunningApi;
let drop: () => Promise<void>;

beforeAll(async () => {
  const database = await createDatabase();
  drop = () => database.drop();
  const config = loadConfig({
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    PORT: '0',
    BASE_URL: BASE,
    COOKIE_SECRET: 'a secret that is long enough for tests',
    LOG_LEVEL: 'fatal',
  });
  const pool = createPool(config);
  const redirectUris = ['https://app.example/callback'];
  await provisionAccounts(pool, {
    users: [],
    clients: [{ clientId: 'app', name: 'App', redirectUris, scope: 'patient/*.rs' }],
  });
  await pool.end();
  api = await startApi(config, createLogger('test', 'fatal'));
}, 30_000);
afterAll(async () => {
  await api.close();
  await drop();
  rmSync(dataDir, { recursive: true, force: true });
});

const ask = (path: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${api.port}${path}`, { redirect: 'manual' });

test('Cookies are Secure, HttpOnly and SameSite, and have the prefixes by which browsers hold to it (smart 28).', async () => {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: 'app',
    redirect_uri: 'https://app.example/callback',
    scope: 'patient/*.rs',
    state: 'x',
    aud: `${BASE}/fhir/R4`,
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
  });
  const cookies = (await ask(`/oauth2/authorize?${query.toString()}`)).headers.getSetCookie();
  expect(cookies.some((cookie) => cookie.startsWith('__Secure-interaction='))).toBe(true);
  for (const cookie of cookies) {
    expect(cookie).toMatch(/^__(Host|Secure)-/);
    expect(cookie).toMatch(/; secure/i);
    expect(cookie).toMatch(/; httponly/i);
    expect(cookie).toMatch(/; samesite=lax/i);
    if (cookie.startsWith('__Host-')) expect(cookie).toMatch(/; path=\/;/);
  }
});

test('All addresses are https and those of the configuration (smart 4).', async () => {
  const document = (await (await ask('/fhir/R4/.well-known/smart-configuration')).json()) as Record<
    string,
    unknown
  >;
  const addresses = Object.entries(document).filter(([name]) =>
    /_(endpoint|uri|bundle)$|^issuer$/.test(name),
  );
  for (const [, address] of addresses) expect(address).toMatch(/^https:\/\/fhir\.example\/oauth2/);
});
