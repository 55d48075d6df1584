/** Limits: on guesses at passwords, on requests, and behind a proxy. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRateLimits } from '../../../src/auth/rate-limit.ts';
import type { Pool } from '../../../src/db/index.ts';
import { clientAddress } from '../../../src/platform/client-address.ts';
import { poolOf } from '../../support/account.ts';
import { authorizeUrl } from '../../support/app-flow.ts';
import { TestBrowser, type Arrival } from '../../support/browser.ts';
import { PASSWORD, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let pool: Pool;

beforeAll(async () => {
  server = await startTestServer({
    TRUSTED_PROXIES: '1',
    OAUTH_FAILURES_PER_MINUTE: '5',
    OAUTH_REQUESTS_PER_MINUTE: '40',
    UNAUTHORIZED_PER_MINUTE: '5',
  });
  pool = poolOf(server);
}, 30_000);
afterAll(async () => {
  await pool.end();
  await server.close();
});

/** As the proxy before the server sends it on, with what the client wrote himself before it. */
const from = (address: string, forged = '1.2.3.4'): Record<string, string> => ({
  'X-Forwarded-For': `${forged}, ${address}`,
});

async function logIn(username: string, password: string, headers: Record<string, string>): Promise<Arrival> {
  const browser = new TestBrowser(server.baseUrl);
  const { url } = await browser.go(authorizeUrl(server), undefined, headers);
  return browser.go(url.href, { step: 'login', username, password }, headers);
}

const words = (page: Arrival): string => page.html.replaceAll(/value="[^"]*"/g, '');

describe('Guesses at passwords', () => {
  test('of an account close it to their address, and not to its owner elsewhere (smart 174) (attack 39).', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 11; n += 1)
      statuses.push((await logIn('doctor', 'wrong', from('203.0.113.1', `10.0.0.${n}`))).status);
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429]);
    const closed = await logIn('doctor', PASSWORD, from('203.0.113.1'));
    expect(closed.status).toBe(429);
    expect(Number(closed.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await logIn('doctor', PASSWORD, from('203.0.113.2'))).status).toBe(200);
  });

  test('over many accounts end for their address; those of an IPv6 network count together (smart 174) (attack 39).', async () => {
    const limits = createRateLimits(pool, undefined);
    const address = limits.create({ name: 'login-address', points: 100, seconds: 900, fallback: 'database' });
    await address.consume('2001:db8:1:2::/64', 99);
    const own = (n: number) => from(`2001:db8:1:2::${n}`);
    expect((await logIn('nobody-1', 'wrong', own(1))).status).toBe(401);
    expect((await logIn('nobody-2', 'wrong', own(2))).status).toBe(429);
    expect((await logIn('nobody-2', 'wrong', from('2001:db8:1:3::1'))).status).toBe(401);
  });

  test('of unknown, known and disabled accounts get one answer (smart 174) (attack 39).', async () => {
    await pool.query(`update auth.users set disabled = true where username = 'receptionist'`);
    const pages = [
      await logIn('nobody', 'wrong', from('203.0.113.9')),
      await logIn('doctor', 'wrong', from('203.0.113.9')),
      await logIn('receptionist', PASSWORD, from('203.0.113.9')),
    ];
    expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([401]));
    expect(new Set(pages.map(words)).size).toBe(1);
  });
});

test('Guesses at client secrets end with 429 for their address; others go on (attack 36).', async () => {
  const ask = (secret: string, address: string): Promise<Response> =>
    fetch(`${server.baseUrl}/oauth2/token`, {
      method: 'POST',
      headers: { Authorization: `Basic ${btoa(`backend:${secret}`)}`, ...from(address) },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'system/Patient.rs' }),
    });
  for (let n = 0; n < 8; n += 1)
    expect((await ask('backend-secret-of-the-tests', '198.51.100.1')).status).toBe(200);
  const guesses = await Promise.all(Array.from({ length: 12 }, () => ask('wrong', '198.51.100.1')));
  expect(guesses.filter(({ status }) => status === 401)).toHaveLength(5);
  const limited = guesses.find(({ status }) => status === 429);
  expect(Number(limited?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await limited?.json()).toMatchObject({ error: 'temporarily_unavailable' });
  expect((await ask('backend-secret-of-the-tests', '198.51.100.2')).status).toBe(200);
});

test('Requests to the authorization endpoint are limited for their address.', async () => {
  const statuses: number[] = [];
  for (let n = 0; n < 42; n += 1) {
    const url = `${server.baseUrl}${authorizeUrl(server, { client_id: 'nobody' })}`;
    statuses.push((await fetch(url, { headers: from('198.51.100.7'), redirect: 'manual' })).status);
  }
  expect(statuses.slice(-3)).toEqual([400, 429, 429]);
});

test('FHIR requests without a valid token end with 429; a valid token from the same address is served.', async () => {
  const token = await server.token('system/Patient.rs');
  const ask = (own: string | null) =>
    server.fhir('GET', 'Patient?_count=1', { token: own, headers: from('198.51.100.3') });
  const statuses: number[] = [];
  for (const own of [null, 'guess', null, 'x.y.z', 'guess', 'guess', null])
    statuses.push((await ask(own)).status);
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
  const limited = await ask('guess');
  expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await limited.json()).toMatchObject({ issue: [{ code: 'throttled' }] });
  expect((await ask(token)).status).toBe(200);
});

test('The address of a client comes from trusted proxies alone.', () => {
  const request = (forwarded?: string) =>
    ({
      socket: { remoteAddress: '192.0.2.1' },
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    }) as unknown as Parameters<typeof clientAddress>[0];
  expect(clientAddress(request('203.0.113.1'), 0)).toBe('192.0.2.1');
  expect(clientAddress(request('9.9.9.9, 203.0.113.1'), 1)).toBe('203.0.113.1');
  expect(clientAddress(request('9.9.9.9, 203.0.113.1, 10.0.0.1'), 2)).toBe('203.0.113.1');
  expect(clientAddress(request(), 2)).toBe('192.0.2.1');
  expect(clientAddress(request('nonsense'), 1)).toBe('192.0.2.1');
});
