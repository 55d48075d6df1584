/** Second factors: required by role, asked for by apps, used once. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Pool } from '../../../src/db/index.ts';
import {
  accountPage,
  Authenticator,
  claimsOf,
  poolOf,
  recoveryCodes,
  securityEvents,
  send,
} from '../../support/account.ts';
import { authorizeUrl, decide, logIn, redeem } from '../../support/app-flow.ts';
import { TestBrowser, type Arrival } from '../../support/browser.ts';
import { PASSWORD, startTestServer, type TestServer } from '../../support/server.ts';

const MFA = 'https://refeds.org/profile/mfa';
const SFA = 'https://refeds.org/profile/sfa';
const SCOPE = 'openid user/Patient.rs';

let server: TestServer;
let pool: Pool;
let doctor: Authenticator;
let codes: string[];

beforeAll(async () => {
  server = await startTestServer({ MFA_ROLES: 'doctor' });
  pool = poolOf(server);
}, 30_000);
afterAll(async () => {
  await pool.end();
  await server.close();
});

/** Time steps count once: a test that needs another code lets the clock of the database forget the last. */
const forgetSteps = () => pool.query('update auth.totp set used_step = 0');

/** The page after the password. */
const withPassword = (browser: TestBrowser, changes = {}): Promise<Arrival> =>
  logIn(server, 'doctor', { scope: SCOPE, ...changes }, browser);

const isSecondFactorPage = ({ html }: Arrival): boolean => html.includes('<h1>Second factor</h1>');

test('A role that needs a second factor sets it up before anything goes on (smart 175).', async () => {
  const browser = new TestBrowser(server.baseUrl);
  const setUp = await withPassword(browser);
  expect(setUp.html).toContain('Set up a second factor');
  expect(setUp.html).toContain('<svg');
  // Whoever calls the address on which the library goes on has a log-in to do still.
  const resumed = await browser.go(setUp.url.pathname.replace('/interaction/', '/authorize/'));
  expect(resumed.url.pathname).toMatch(/^\/oauth2\/interaction\//);
  const again = await browser.go(resumed.url.href, { step: 'login', username: 'doctor', password: PASSWORD });
  doctor = new Authenticator(again.html);
  const wrong = await browser.go(again.url.href, { step: 'enrol', code: '000000' });
  expect(wrong.status).toBe(401);
  const set = await browser.go(again.url.href, { step: 'enrol', code: doctor.code() });
  codes = recoveryCodes(set.html);
  expect(codes).toHaveLength(10);
  const consent = await browser.go(set.url.href, { step: 'go-on' });
  const { id_token } = await redeem(server, await decide(browser, consent));
  expect(claimsOf(id_token)).toMatchObject({ acr: MFA, amr: ['pwd', 'otp', 'mfa'] });
});

test('A code counts once in its window, and not after a later one (attack 39).', async () => {
  await forgetSteps();
  const code = doctor.code();
  const first = new TestBrowser(server.baseUrl);
  const page = await withPassword(first);
  expect(isSecondFactorPage(page)).toBe(true);
  expect((await first.go(page.url.href, { step: 'totp', code })).html).toContain('Allow App access?');
  const second = new TestBrowser(server.baseUrl);
  const other = await withPassword(second);
  for (const used of [code, doctor.code(-1)])
    expect((await second.go(other.url.href, { step: 'totp', code: used })).status).toBe(401);
});

test('Of the same code at once from two browsers one counts (attack 39).', async () => {
  await forgetSteps();
  const browsers = [1, 2, 3].map(() => new TestBrowser(server.baseUrl));
  const pages = await Promise.all(browsers.map((browser) => withPassword(browser)));
  const code = doctor.code();
  const answers = await Promise.all(
    browsers.map((browser, n) => browser.go(pages[n]!.url.href, { step: 'totp', code })),
  );
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401, 401]);
});

test('No form of the second factor works before the password (attack 39).', async () => {
  await forgetSteps();
  const browser = new TestBrowser(server.baseUrl);
  const { url } = await browser.go(authorizeUrl(server, { scope: SCOPE }));
  for (const step of ['totp', 'recovery', 'enrol', 'passkey', 'new-password', 'go-on']) {
    const answer = await browser.go(url.href, {
      step,
      code: step === 'recovery' ? codes[0]! : doctor.code(),
      password: 'a new one that is long',
    });
    expect(answer.html).toContain('name="username"');
  }
  expect(codes.length).toBe(10);
});

test('A recovery code lets in once (attack 39).', async () => {
  for (const [code, isIn] of [
    [codes[0]!.toUpperCase(), true],
    [codes[0]!, false],
    ['nonsense', false],
  ] as const) {
    const browser = new TestBrowser(server.baseUrl);
    const { url } = await withPassword(browser);
    const answer = await browser.go(url.href, { step: 'recovery', code });
    expect(answer.html.includes('Allow App access?')).toBe(isIn);
  }
});

describe('An app that asks for more', () => {
  test('by acr_values gets the missing factor alone, of a session that has the rest (smart 175).', async () => {
    const browser = new TestBrowser(server.baseUrl);
    const plain = await logIn(server, 'patient', { scope: 'openid patient/*.rs' }, browser);
    const { id_token } = await redeem(server, await decide(browser, plain));
    expect(claimsOf(id_token)).toMatchObject({ acr: SFA, amr: ['pwd'] });
    const more = { scope: 'openid patient/*.rs', acr_values: MFA };
    const setUp = await browser.go(authorizeUrl(server, more));
    expect(setUp.html).toContain('Set up a second factor');
    const app = new Authenticator(setUp.html);
    await browser.go(setUp.url.href, { step: 'enrol', code: app.code() });
    const consent = await browser.go(setUp.url.href, { step: 'go-on' });
    const answer = await redeem(server, await decide(browser, consent));
    expect(claimsOf(answer.id_token)).toMatchObject({ acr: MFA, amr: ['pwd', 'otp', 'mfa'] });
    const next = await browser.go(authorizeUrl(server, more));
    expect(next.html).toContain('Allow App access?');
  });

  test('by max_age or prompt=login gets a new log-in, with all factors (smart 175).', async () => {
    await forgetSteps();
    const browser = new TestBrowser(server.baseUrl);
    const page = await withPassword(browser);
    await browser.go(page.url.href, { step: 'totp', code: doctor.code() });
    await pool.query(`update auth.oidc set payload = payload || '{"loginTs": 1000}' where model = 'Session'`);
    expect((await browser.go(authorizeUrl(server, { scope: SCOPE }))).html).toContain('Allow App access?');
    for (const more of [{ max_age: '600' }, { prompt: 'login' }] as Record<string, string>[]) {
      await forgetSteps();
      const again = await browser.go(authorizeUrl(server, { scope: SCOPE, ...more }));
      expect(again.html).toContain('name="username"');
      const factor = await browser.go(again.url.href, {
        step: 'login',
        username: 'doctor',
        password: PASSWORD,
      });
      expect(isSecondFactorPage(factor)).toBe(true);
      const consent = await browser.go(factor.url.href, { step: 'totp', code: doctor.code() });
      const { id_token } = await redeem(server, await decide(browser, consent));
      expect(Number(claimsOf(id_token)['auth_time'])).toBeGreaterThan(Date.now() / 1_000 - 60);
    }
  });
});

test('What is set up on the account page ends other sessions, changes the cookie, and is asked for from then on (smart 28) (smart 175).', async () => {
  const [elsewhere, browser] = [new TestBrowser(server.baseUrl), new TestBrowser(server.baseUrl)];
  await accountPage(elsewhere, 'receptionist');
  const page = await accountPage(browser, 'receptionist', '/second-factor');
  const before = browser.cookie('session');
  const app = new Authenticator(page.html);
  const set = await send(browser, page, '/second-factor/totp', { code: app.code() });
  expect(recoveryCodes(set.html)).toHaveLength(10);
  expect(browser.cookie('session')).not.toBe(before);
  expect((await browser.go('/oauth2/account')).html).toContain('Your account');
  expect((await elsewhere.go('/oauth2/account')).html).toContain('name="username"');
  const next = await accountPage(new TestBrowser(server.baseUrl), 'receptionist');
  expect(isSecondFactorPage(next)).toBe(true);
  const { rows } = await pool.query('select secret from auth.totp');
  expect(JSON.stringify(rows)).not.toMatch(/"[A-Z2-7]{32}"/);
});

test('Guessing codes ends the log-in, and soon all guesses; a right code then is not looked at (smart 174) (attack 39).', async () => {
  await forgetSteps();
  const statuses: number[] = [];
  for (let n = 0; n < 7; n += 1) {
    const browser = new TestBrowser(server.baseUrl);
    const { url } = await withPassword(browser);
    const answer = await browser.go(url.href, { step: 'totp', code: n < 6 ? '000000' : doctor.code() });
    statuses.push(answer.status);
    if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(60);
  }
  expect(new Set(statuses.slice(0, 3))).toEqual(new Set([401]));
  expect(statuses.slice(-2)).toEqual([429, 429]);
});

test('Set-up, failures and log-ins are told to the audit, without a code (smart 178).', async () => {
  const events = await securityEvents(pool, 'too many attempts at the second factor');
  const reasons = new Set(events.map(({ reason }) => reason));
  expect([...reasons]).toEqual(
    expect.arrayContaining([
      'second factor set up',
      'second factor is not right',
      'too many attempts at the second factor',
    ]),
  );
  expect(JSON.stringify(events)).not.toContain(codes[0]);
});
