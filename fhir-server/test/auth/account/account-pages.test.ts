/** What a user sees and ends on the pages of his account, and who cannot do it in his place. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startApi } from '../../../src/api.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { createLogger } from '../../../src/platform/logger.ts';
import { pickPort } from '../../../../scripts/postgres/port.ts';
import type { Pool } from '../../../src/db/index.ts';
import { ACCOUNT, accountPage, poolOf, securityEvents, send } from '../../support/account.ts';
import {
  authorize,
  authorizeQuery,
  formOf,
  redeem,
  tokens,
  type TokenAnswer,
} from '../../support/app-flow.ts';
import { TestBrowser } from '../../support/browser.ts';
import { PASSWORD, REDIRECT, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let pool: Pool;

beforeAll(async () => {
  server = await startTestServer();
  pool = poolOf(server);
  await server.fhir('PUT', 'Patient/p1', { body: { resourceType: 'Patient', id: 'p1' } });
}, 30_000);
afterAll(async () => {
  await pool.end();
  await server.close();
});

const newBrowser = (): TestBrowser => new TestBrowser(server.baseUrl);

/** What an app has after the patient allowed it. */
const allowed = async (scope: string, browser = newBrowser()): Promise<TokenAnswer> =>
  redeem(server, await authorize(server, 'patient', { scope }, { browser }));

const readStatus = async ({ access_token: token }: Pick<TokenAnswer, 'access_token'>): Promise<number> =>
  (await server.fhir('GET', 'Patient/p1', { token })).status;

/** The process hears of it from the database, a moment later. */
async function expectEnded(app: TokenAnswer): Promise<void> {
  for (let n = 0; n < 40 && (await readStatus(app)) !== 401; n += 1) await sleep(25);
  expect(await readStatus(app)).toBe(401);
}

const refresh = ({ refresh_token: token }: TokenAnswer): Promise<TokenAnswer> =>
  tokens(server, { grant_type: 'refresh_token', client_id: 'app', refresh_token: token ?? '' });

test('The SMART configuration names the page, and it asks for a log-in (smart 9) (smart 123).', async () => {
  const answer = await fetch(`${server.fhirBase}/.well-known/smart-configuration`);
  const { management_endpoint: page } = (await answer.json()) as { management_endpoint: string };
  expect(page).toBe(`${server.baseUrl}${ACCOUNT}`);
  expect((await newBrowser().go(page)).html).toContain('name="username"');
});

test('A patient sees which app has access to what, and takes it back: its tokens end at once (smart 123).', async () => {
  const browser = newBrowser();
  const app = await allowed('openid offline_access patient/Patient.rs', browser);
  expect(await readStatus(app)).toBe(200);
  const page = await accountPage(browser, 'patient');
  expect(page.html).toContain('Take access back from App');
  expect(page.html).toContain('Go on when you are no longer there');
  const after = await send(browser, page, '/apps/revoke', { client: 'app' });
  expect(after.html).toContain('No app has access.');
  await expectEnded(app);
  expect((await refresh(app)).status).toBe(400);
  const [event] = (await securityEvents(pool, 'taken back by the user')).filter(
    ({ code }) => code === 'access-revoked',
  );
  expect(event).toMatchObject({ outcome: '0', agent: { clientId: 'app', fhirUser: 'Patient/p1' } });
});

describe('A form of the account pages', () => {
  test('counts only with the token of its own session (smart 52) (attack 37).', async () => {
    const [own, other] = [newBrowser(), newBrowser()];
    const app = await allowed('patient/Patient.rs', own);
    await accountPage(own, 'patient');
    const foreign = await accountPage(other, 'receptionist');
    const answers = [
      await own.go(`${ACCOUNT}/apps/revoke`, { client: 'app' }),
      await send(own, foreign, '/apps/revoke', { client: 'app' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403]);
    expect(await readStatus(app)).toBe(200);
  });

  test('sent from another site is refused, even with it (smart 52) (attack 37).', async () => {
    const browser = newBrowser();
    const page = await accountPage(browser, 'patient');
    for (const headers of [
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
      { Origin: 'https://evil.example' },
    ] as Record<string, string>[])
      expect((await send(browser, page, '/sessions/end-all', {}, headers)).status).toBe(403);
    const own = await send(browser, page, '/sessions/end-all', {}, { 'Sec-Fetch-Site': 'same-origin' });
    expect(own.status).toBe(200);
  });

  test('of one user ends nothing of another (attack 37).', async () => {
    const [patient, desk] = [newBrowser(), newBrowser()];
    const app = await allowed('patient/Patient.rs', patient);
    await accountPage(patient, 'patient');
    const { rows } = await pool.query<{ uid: string }>(`select uid from auth.oidc where model = 'Session'`);
    const page = await accountPage(desk, 'receptionist');
    for (const { uid } of rows) await send(desk, page, '/sessions/end', { session: uid });
    await send(desk, await accountPage(desk, 'receptionist'), '/apps/revoke', { client: 'app' });
    expect((await patient.go(ACCOUNT)).html).toContain('Your account');
    expect(await readStatus(app)).toBe(200);
  });
});

test('Pages send the headers that keep them from frames, caches and scripts (smart 27).', async () => {
  const browser = newBrowser();
  for (const path of ['', '/password', '/second-factor']) {
    const { headers } = await accountPage(browser, 'patient', path);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(policy.includes("script-src 'self'")).toBe(path === '/second-factor');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  }
});

test('Log-out everywhere ends the other sessions with their online tokens, and leaves offline ones (smart 86) (smart 177).', async () => {
  const [here, there] = [newBrowser(), newBrowser()];
  const online = await allowed('online_access patient/Patient.rs', there);
  const offline = await allowed('offline_access patient/Patient.rs', there);
  const page = await accountPage(here, 'patient');
  expect(page.html.match(/Log out there/g)?.length ?? 0).toBeGreaterThan(0);
  const after = await send(here, page, '/sessions/end-all');
  expect(after.html).toContain('Goodbye');
  expect((await here.go(ACCOUNT)).html).toContain('name="username"');
  expect((await there.go(ACCOUNT)).html).toContain('name="username"');
  await expectEnded(online);
  expect(await readStatus(offline)).toBe(200);
  expect((await refresh(offline)).status).toBe(200);
});

test('A session that a request under way writes back after it was ended is good for nothing (smart 177).', async () => {
  const browser = newBrowser();
  const page = await accountPage(browser, 'patient');
  const { rows } = await pool.query<Record<'model' | 'id' | 'payload' | 'uid' | 'expires_at', unknown>>(
    `select * from auth.oidc where model = 'Session'`,
  );
  await send(browser, page, '/sessions/end-all');
  for (const row of rows)
    await pool.query(
      'insert into auth.oidc (model, id, payload, uid, expires_at) values ($1, $2, $3, $4, $5) on conflict do nothing',
      [row.model, row.id, row.payload, row.uid, row.expires_at],
    );
  expect((await browser.go(ACCOUNT)).html).toContain('name="username"');
  expect((await authorize(server, 'nobody', {}, { browser })).html).toContain('name="username"');
});

describe('A session cookie', () => {
  test('is HttpOnly and SameSite, and is another after the log-in (smart 28) (attack 39).', async () => {
    const answer = await fetch(`${server.baseUrl}${ACCOUNT}`, { redirect: 'manual' });
    const begun = await fetch(answer.headers.get('location') ?? '', { redirect: 'manual' });
    for (const cookie of begun.headers.getSetCookie()) expect(cookie.toLowerCase()).toMatch(/; httponly/);
    const browser = newBrowser();
    const login = await browser.go(ACCOUNT);
    const before = browser.cookie('session');
    await browser.go(login.url.href, { step: 'login', username: 'patient', password: PASSWORD });
    const after = browser.cookie('session');
    expect(after).toBeDefined();
    expect(after).not.toBe(before);
    await browser
      .go(
        '/oauth2/authorize?prompt=login&' +
          new URLSearchParams({
            client_id: 'app',
            redirect_uri: REDIRECT,
            response_type: 'code',
            scope: 'patient/*.rs',
            aud: server.fhirBase,
            code_challenge: 'x'.repeat(43),
            code_challenge_method: 'S256',
            state: 'x',
          }).toString(),
      )
      .then((again) =>
        browser.go(again.url.href, { step: 'login', username: 'patient', password: PASSWORD }),
      );
    expect(browser.cookie('session')).not.toBe(after);
  });

  test('that an attacker planted is no session of the one who logs in (attack 39).', async () => {
    const attacker = newBrowser();
    await accountPage(attacker, 'receptionist');
    const planted = attacker.cookie('session') ?? '';
    const login = await attacker.go(`${ACCOUNT}/callback`);
    expect(login.status).toBe(400);
    const victim = await fetch(`${server.baseUrl}${ACCOUNT}`, {
      headers: { Cookie: `session=${planted}` },
      redirect: 'manual',
    });
    // Without its signature it counts for nothing.
    expect(victim.status).toBe(303);
  });
});

describe('A new password', () => {
  const change = async (browser: TestBrowser, password: string, current = PASSWORD) => {
    const page = await accountPage(browser, 'receptionist', '/password');
    return send(browser, page, '/password', { current, password });
  };

  test('must be long, none of those that everybody tries, and not the user name (smart 174).', async () => {
    const browser = newBrowser();
    for (const bad of ['short', 'Password2026!!', 'receptionist-1', 'aaaaaaaaaaaaaa', 'x'.repeat(200)])
      expect((await change(browser, bad)).status).toBe(400);
    expect((await change(browser, 'a long new password', 'not the old one')).status).toBe(401);
  });

  test('ends every session and token but this browser, whose cookie changes (smart 28) (smart 124) (attack 33).', async () => {
    const [browser, there] = [newBrowser(), newBrowser()];
    const offline = await redeem(
      server,
      await authorize(
        server,
        'receptionist',
        { scope: 'offline_access user/Patient.rs' },
        { browser: there },
      ),
    );
    expect((await server.fhir('GET', 'Patient', { token: offline.access_token })).status).toBe(200);
    await accountPage(browser, 'receptionist');
    const before = browser.cookie('session');
    expect((await change(browser, 'a long new password')).html).toContain('Your password is changed.');
    expect(browser.cookie('session')).not.toBe(before);
    expect((await there.go(ACCOUNT)).html).toContain('name="username"');
    await expectEnded(offline);
    expect((await refresh(offline)).status).toBe(400);
    const old = await accountPage(newBrowser(), 'receptionist');
    const renewed = await accountPage(newBrowser(), 'receptionist', '', 'a long new password');
    expect([old.status, renewed.status]).toEqual([401, 200]);
  });

  test('is asked for at the log-in where an admin says so.', async () => {
    await pool.query(`update auth.users set must_change_password = true where username = 'patient'`);
    const browser = newBrowser();
    const page = await accountPage(browser, 'patient');
    expect(page.html).toContain('Choose a new password');
    const short = await browser.go(page.url.href, { step: 'new-password', password: 'short' });
    expect(short.status).toBe(400);
    const done = await browser.go(page.url.href, { step: 'new-password', password: 'quite another one' });
    expect(done.html).toContain('Your account');
  });
});

test('What touches the account asks for a fresh log-in (smart 175).', async () => {
  const browser = newBrowser();
  await accountPage(browser, 'doctor');
  await pool.query(`update auth.oidc set payload = payload || '{"loginTs": 1000}' where model = 'Session'`);
  expect((await browser.go(ACCOUNT)).html).toContain('Your account');
  expect((await browser.go(`${ACCOUNT}/password`)).html).toContain('name="username"');
  const back = await accountPage(browser, 'doctor', '/password');
  expect([back.url.pathname, formOf(back.html).has('token')]).toEqual([`${ACCOUNT}/password`, true]);
});

// Last, because the pages belong to the server of this name from then on.
test('Cookies have the host prefix and are Secure where the server is reached by https (smart 28).', async () => {
  const port = await pickPort();
  const config = loadConfig({
    DATABASE_URL: server.databaseUrl,
    DATA_DIR: server.dataDir,
    PORT: String(port),
    BASE_URL: 'https://clinic.example',
    COOKIE_SECRET: 'a secret that is long enough for tests',
  });
  const behindProxy = await startApi(config, createLogger('test', 'fatal'));
  try {
    const cookies: string[] = [];
    /** As the proxy sends it on; answers where the browser goes next. */
    const step = async (url: string, form?: Record<string, string>): Promise<string> => {
      const { pathname, search } = new URL(url, config.baseUrl);
      const answer = await fetch(`http://localhost:${port}${pathname}${search}`, {
        method: form ? 'POST' : 'GET',
        redirect: 'manual',
        headers: { Cookie: cookies.map((cookie) => cookie.split(';')[0]).join('; ') },
        ...(form ? { body: new URLSearchParams(form) } : {}),
      });
      cookies.push(...answer.headers.getSetCookie());
      return answer.headers.get('location') ?? '';
    };
    const query = authorizeQuery(server, { aud: config.fhirBase });
    const page = await step(`/oauth2/authorize?${query.toString()}`);
    const resume = await step(page, { step: 'login', username: 'doctor', password: PASSWORD });
    expect(resume.startsWith('https://clinic.example/oauth2/authorize/')).toBe(true);
    await step(resume);
    expect(cookies.some((cookie) => cookie.startsWith('__Host-session='))).toBe(true);
    for (const cookie of cookies) {
      expect(cookie).toMatch(/^__(Host|Secure)-/);
      expect(cookie.toLowerCase()).toMatch(
        /; samesite=lax.*; secure.*; httponly|; secure; httponly; samesite=lax/,
      );
      if (cookie.startsWith('__Host-')) expect(cookie).toMatch(/; path=\/;/i);
      expect(cookie).not.toMatch(/; domain=/i);
    }
  } finally {
    await behindProxy.close();
  }
});
