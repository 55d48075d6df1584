/** The authorization request and its answer. https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#request-authorization-code */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  authorize,
  authorizeQuery,
  authorizeUrl,
  decide,
  logIn,
  redeem,
  type Changes,
} from '../../support/app-flow.ts';
import { TestBrowser, type Arrival } from '../../support/browser.ts';
import { CLINIC, PASSWORD, REDIRECT, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  for (const id of ['p1', 'p2'])
    await server.fhir('PUT', `Patient/${id}`, {
      body: {
        resourceType: 'Patient',
        id,
        name: [{ family: id }],
        managingOrganization: { reference: CLINIC },
      },
    });
}, 30_000);
afterAll(() => server.close());

const STATE = 'st/a te+&=é';
const code = ({ url }: Arrival): string | null => url.searchParams.get('code');
const error = ({ url }: Arrival): string | null => url.searchParams.get('error');

test('A request leads to a log-in, to a consent and back to the app with a code (smart 38).', async () => {
  const browser = new TestBrowser(server.baseUrl);
  const first = await browser.go(authorizeUrl(server));
  expect(first.html).toContain('Log in');
  const picker = await browser.go(first.url.href, { step: 'login', username: 'doctor', password: PASSWORD });
  const page = await browser.go(picker.url.href, { step: 'patient', patient: 'p1' });
  expect(page.html).toContain('Allow App access?');
  const arrival = await decide(browser, page);
  expect(`${arrival.url.origin}${arrival.url.pathname}`).toBe(REDIRECT);
  expect((await redeem(server, arrival)).status).toBe(200);
});

test('State comes back as it was sent, with a code and with an error (smart 39).', async () => {
  const given = await authorize(server, 'doctor');
  const denied = await authorize(server, 'doctor', {}, { decision: 'deny' });
  const refused = await authorize(server, 'doctor', { aud: 'https://evil.example/fhir' });
  expect([given, denied, refused].map(({ url }) => url.searchParams.get('state'))).toEqual([
    STATE,
    STATE,
    STATE,
  ]);
});

test('The answer names the issuer, also when it refuses (smart 46).', async () => {
  const given = await authorize(server, 'doctor');
  const denied = await authorize(server, 'doctor', {}, { decision: 'deny' });
  for (const { url } of [given, denied]) expect(url.searchParams.get('iss')).toBe(`${server.baseUrl}/oauth2`);
});

describe('A request by POST', () => {
  const post = (changes: Changes = {}, more = ''): Promise<Response> =>
    fetch(`${server.baseUrl}/oauth2/authorize`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: authorizeQuery(server, changes).toString() + more,
    });

  test('leads where a GET leads (smart 37).', async () => {
    const answer = await post({ scope: 'launch/patient offline_access patient/*.rs' });
    expect(answer.status).toBe(303);
    const browser = new TestBrowser(server.baseUrl);
    const login = await browser.go(answer.headers.get('location')!);
    let at = await browser.go(login.url.href, { step: 'login', username: 'doctor', password: PASSWORD });
    at = await browser.go(at.url.href, { step: 'patient', patient: 'p1' });
    const arrival = await decide(browser, at);
    expect(arrival.url.searchParams.get('state')).toBe(STATE);
    expect(await redeem(server, arrival)).toMatchObject({ status: 200, refresh_token: expect.any(String) });
  });

  test('with a parameter that comes twice is refused, also where one of them is in the query (smart 45).', async () => {
    const twice = await post({}, '&scope=patient%2F*.rs');
    const followed = await new TestBrowser(server.baseUrl).go(twice.headers.get('location')!);
    expect(`${followed.url.search} ${followed.html}`).toContain('invalid_request');
    const split = await fetch(`${server.baseUrl}/oauth2/authorize?client_id=ehr`, {
      method: 'POST',
      redirect: 'manual',
      body: authorizeQuery(server),
    });
    const answer = await new TestBrowser(server.baseUrl).go(split.headers.get('location')!);
    expect([answer.status, code(answer)]).toEqual([400, null]);
  });

  test('goes nowhere else, and has its limits.', async () => {
    const injected = await post({}, '&x=%0d%0aLocation:%20https://evil.example\r\nSet-Cookie: a=b');
    expect(injected.headers.get('location')).toMatch(new RegExp(`^${server.baseUrl}/oauth2/authorize\\?`));
    expect(injected.headers.get('set-cookie')).toBeNull();
    expect((await post({ nonce: 'x'.repeat(9_000) })).status).toBe(413);
  });
});

describe('Refused is', () => {
  test.each([
    ['another server as aud (smart 40)', { aud: 'https://evil.example/fhir' }, 'invalid_request'],
    ['a longer aud (smart 41)', { aud: 'BASE/x' }, 'invalid_request'],
    ['an aud with two slashes at its end (smart 41)', { aud: 'BASE//' }, 'invalid_request'],
    ['no aud (smart 41)', { aud: undefined }, 'invalid_request'],
    ['no code_challenge (smart 42)', { code_challenge: undefined }, 'invalid_request'],
    ['plain as its method (smart 42)', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['no method, which means plain (smart 42)', { code_challenge_method: undefined }, 'invalid_request'],
    ['an implicit answer (smart 44)', { response_type: 'token' }, 'unsupported_response_type'],
    ['an id_token at once (smart 44)', { response_type: 'id_token' }, 'unsupported_response_type'],
    ['a hybrid answer (smart 44)', { response_type: 'code id_token' }, 'unsupported_response_type'],
    ['nothing but unknown scopes', { scope: 'patient/Nothing.rs foo' }, 'invalid_scope'],
    ['scopes beyond the registered ones (attack 38)', { scope: 'system/*.rs' }, 'invalid_scope'],
  ])('%s.', async (_title, changes: Changes, expected) => {
    const aud = changes['aud']?.replace('BASE', server.fhirBase);
    const arrival = await authorize(server, 'doctor', 'aud' in changes ? { ...changes, aud } : changes);
    expect([code(arrival), arrival.url.origin]).toEqual([null, new URL(REDIRECT).origin]);
    expect(`${arrival.url.search} ${arrival.url.hash}`).toContain(`error=${expected}`);
  });

  test.each([
    ['client_id', 'unknown'],
    ['redirect_uri', 'https://evil.example/callback'],
    ['redirect_uri', `${REDIRECT}/`],
    ['redirect_uri', `${REDIRECT}?a=b`],
    ['redirect_uri', `${REDIRECT}#a`],
    ['redirect_uri', REDIRECT.replace('app.example', 'user@app.example')],
    ['redirect_uri', REDIRECT.replace('app.example', 'app.example:444')],
    ['redirect_uri', REDIRECT.replace('app.example', 'APP.example')],
    ['redirect_uri', REDIRECT.replace('https', 'http')],
    ['redirect_uri', `${REDIRECT}/../callback`],
  ])('%s %s, with a page and no redirect (smart 43) (smart 30) (attack 34).', async (name, value) => {
    const arrival = await new TestBrowser(server.baseUrl).go(authorizeUrl(server, { [name]: value }));
    expect([arrival.status, arrival.url.origin]).toEqual([400, server.baseUrl]);
    expect(arrival.html).toContain('This did not work');
  });

  test('a parameter that comes twice (smart 45).', async () => {
    for (const twice of ['state=other', 'aud=https%3A%2F%2Fevil.example', 'scope=user%2F*.cruds']) {
      const at = await new TestBrowser(server.baseUrl).go(`${authorizeUrl(server)}&${twice}`);
      expect([code(at), `${at.url.search} ${at.html}`]).toEqual([
        null,
        expect.stringContaining('invalid_request'),
      ]);
    }
    const redirects = `${authorizeUrl(server)}&redirect_uri=https%3A%2F%2Fevil.example`;
    expect((await new TestBrowser(server.baseUrl).go(redirects)).status).toBe(400);
  });
});

test('The FHIR base with a slash at its end is the same aud (smart 41).', async () => {
  expect(code(await authorize(server, 'doctor', { aud: `${server.fhirBase}/` }))).not.toBeNull();
});

test('A code is good for one use, and a second one revokes what the first gave (smart 47) (attack 32).', async () => {
  const arrival = await authorize(server, 'doctor');
  const { access_token: token } = await redeem(server, arrival);
  expect((await server.fhir('GET', 'Patient/p1', { token })).status).toBe(200);
  expect(await redeem(server, arrival)).toMatchObject({ status: 400, error: 'invalid_grant' });
  expect((await server.fhir('GET', 'Patient/p1', { token })).status).toBe(401);
});

test('Of two redemptions of a code at once one succeeds (smart 48).', async () => {
  const arrival = await authorize(server, 'doctor');
  const answers = await Promise.all([redeem(server, arrival), redeem(server, arrival)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
});

test('Session cookies are HttpOnly and SameSite=Lax, and renewed by the log-in (smart 28).', async () => {
  const answer = await fetch(`${server.baseUrl}${authorizeUrl(server)}`, { redirect: 'manual' });
  const cookies = answer.headers.getSetCookie();
  expect(cookies.length).toBeGreaterThan(0);
  for (const cookie of cookies) expect(cookie).toMatch(/; samesite=lax; httponly/i);
  const browser = new TestBrowser(server.baseUrl);
  await authorize(server, 'doctor', {}, { browser });
  const before = browser.cookie('session');
  const again = await browser.go(authorizeUrl(server, { prompt: 'login' }));
  await browser.go(again.url.href, { step: 'login', username: 'doctor', password: PASSWORD });
  expect(before).toBeDefined();
  expect(browser.cookie('session')).not.toBe(before);
});

test('Log-in, picker, consent and error pages can be neither framed nor cached, and tell no one (smart 27).', async () => {
  const browser = new TestBrowser(server.baseUrl);
  const login = await browser.go(authorizeUrl(server));
  const picker = await logIn(server, 'doctor', {}, browser);
  const page = await browser.go(picker.url.href, { step: 'patient', patient: 'p1' });
  const fault = await browser.go(authorizeUrl(server, { client_id: 'unknown' }));
  for (const { headers } of [login, picker, page, fault]) {
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toMatch(/no-store/);
  }
});

test('The error page shows nothing of a request as markup (attack 28).', async () => {
  const evil = '<script>alert(1)</script>';
  const { html } = await new TestBrowser(server.baseUrl).go(authorizeUrl(server, { client_id: evil }));
  expect(html).not.toContain('<script>');
  expect(error(await authorize(server, 'doctor', { scope: evil }))).toBe('invalid_scope');
});
