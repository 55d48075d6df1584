/** Log-in by a clinic's identity provider: a second server, on its own database, stands in for it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { provisionAccounts } from '../../../src/auth/index.ts';
import type { Pool } from '../../../src/db/index.ts';
import { ACCOUNT, accountPage, claimsOf, poolOf, securityEvents, send } from '../../support/account.ts';
import { authorizeUrl, decide, formOf, redeem } from '../../support/app-flow.ts';
import { TestBrowser, type Arrival } from '../../support/browser.ts';
import { CLINIC, PASSWORD, REDIRECT, startTestServer, type TestServer } from '../../support/server.ts';

const SCOPE = 'openid user/Patient.rs';
const SECRET = 'the secret of the clinic at its provider';
const GOODBYE = 'https://app.example/goodbye';

let idp: TestServer;
let server: TestServer;
let pool: Pool;
let idpPool: Pool;
const folder = mkdtempSync(join(tmpdir(), 'dr-assistant-idp-'));

beforeAll(async () => {
  idp = await startTestServer();
  idpPool = poolOf(idp);
  const file = join(folder, 'providers.json');
  const common = {
    issuer: `${idp.baseUrl}/oauth2`,
    clientSecret: SECRET,
    scope: 'openid profile',
    parameters: { aud: idp.fhirBase },
  };
  const providers = [
    { ...common, id: 'clinic', name: 'Clinic', clientId: 'clinic' },
    { ...common, id: 'other', name: 'Other', clientId: 'other' },
    { ...common, id: 'gone', name: 'Gone', clientId: 'gone', issuer: 'http://localhost:1/oauth2' },
  ];
  writeFileSync(file, JSON.stringify(providers));
  server = await startTestServer({ IDENTITY_PROVIDERS_FILE: file, EGRESS_ALLOW_PRIVATE: 'true' });
  pool = poolOf(server);
  const client = (id: string, secret: string) => ({
    clientId: id,
    name: `Server at ${id}`,
    secret,
    redirectUris: [`${server.baseUrl}/oauth2/federation/${id}/callback`],
    postLogoutRedirectUris: [`${server.baseUrl}/oauth2/federation/logged-out`],
    skipConsent: true,
    scope: 'openid profile',
  });
  await provisionAccounts(idpPool, {
    users: [],
    clients: [client('clinic', SECRET), client('other', SECRET)],
  });
  await pool.query(
    `update auth.clients set document = document || jsonb_build_object('postLogoutRedirectUris', jsonb_build_array($1::text))
     where client_id = 'app'`,
    [GOODBYE],
  );
}, 60_000);
afterAll(async () => {
  await Promise.all([pool.end(), idpPool.end()]);
  await Promise.all([server.close(), idp.close()]);
  rmSync(folder, { recursive: true, force: true });
});

interface Person {
  /** With the server, and with the provider: two hosts in real life. */
  readonly here: TestBrowser;
  readonly there: TestBrowser;
}

const newPerson = (): Person => ({
  here: new TestBrowser(server.baseUrl),
  there: new TestBrowser(idp.baseUrl),
});

/** From the button to the answer with which the provider sends the browser back. */
async function askProvider(
  { here, there }: Person,
  at: Arrival,
  username: string,
  provider = 'clinic',
): Promise<URL> {
  const sent = await here.go(at.url.href, { step: 'federate', provider });
  return logInThere(there, sent.url, username);
}

async function logInThere(there: TestBrowser, url: URL, username: string): Promise<URL> {
  expect(url.origin).toBe(idp.baseUrl);
  const login = await there.go(url.href);
  if (login.url.origin !== idp.baseUrl) return login.url;
  return (await there.go(login.url.href, { step: 'login', username, password: PASSWORD })).url;
}

const begin = ({ here }: Person): Promise<Arrival> => here.go(authorizeUrl(server, { scope: SCOPE }));

const accounts = async (): Promise<readonly { username: string; role: string | null }[]> =>
  (
    await pool.query<{ username: string; role: string | null }>(
      `select username, role from auth.users where username like 'clinic:%' or username like 'other:%'`,
    )
  ).rows;

test('The first log-in makes an account without a role, and no token (smart 176) (attack 39).', async () => {
  const person = newPerson();
  const login = await begin(person);
  expect(login.html).toContain('Log in with Clinic');
  const sent = await person.here.go(login.url.href, { step: 'federate', provider: 'clinic' });
  const query = sent.url.searchParams;
  expect(query.get('code_challenge_method')).toBe('S256');
  for (const name of ['state', 'nonce', 'code_challenge'])
    expect(query.get(name)?.length ?? 0).toBeGreaterThan(20);
  const answer = await logInThere(person.there, sent.url, 'doctor');
  const page = await person.here.go(answer.href);
  expect([page.status, page.url.origin]).toEqual([403, server.baseUrl]);
  expect(page.html).toContain('An administrator must give you one');
  expect(await accounts()).toEqual([{ username: expect.stringMatching(/^clinic:/), role: null }]);
  // There is no way around the page: the same request again comes to it again.
  expect((await begin(person)).status).toBe(403);
  const own = await accountPage(person.here, 'doctor');
  expect(own.html).toContain('You have no role yet');
  const { rows } = await pool.query(
    `select from auth.oidc where model in ('AccessToken', 'RefreshToken') and payload ? 'accountId'`,
  );
  expect(rows).toHaveLength(0);
});

test('With a role from an admin the same identity gets tokens; others in the clinic get accounts of their own (smart 176).', async () => {
  await pool.query(
    `update auth.users set role = 'receptionist', fhir_user = 'Practitioner/x', organization = $1
     where username like 'clinic:%'`,
    [CLINIC],
  );
  const person = newPerson();
  const answer = await askProvider(person, await begin(person), 'doctor');
  const consent = await person.here.go(answer.href);
  const { id_token, access_token: token } = await redeem(server, await decide(person.here, consent));
  expect(claimsOf(id_token)['acr']).toBe('https://refeds.org/profile/sfa');
  expect((await server.fhir('GET', 'Patient', { token })).status).toBe(200);
  const colleague = newPerson();
  await colleague.here.go((await askProvider(colleague, await begin(colleague), 'receptionist')).href);
  expect(await accounts()).toHaveLength(2);
});

describe('An answer of the provider', () => {
  const finish = async (change: (answer: URL) => void): Promise<Arrival> => {
    const person = newPerson();
    const answer = await askProvider(person, await begin(person), 'doctor');
    change(answer);
    return person.here.go(answer.href);
  };

  test.each<[string, (answer: URL) => void, number]>([
    ['with a foreign iss', (url) => url.searchParams.set('iss', 'https://evil.example'), 401],
    ['without iss', (url) => url.searchParams.delete('iss'), 401],
    ['with another code', (url) => url.searchParams.set('code', 'x'.repeat(43)), 401],
    ['with another state', (url) => url.searchParams.set('state', 'x'.repeat(43)), 400],
    ['without a state', (url) => url.searchParams.delete('state'), 400],
    [
      'at the address of another provider',
      (url) => (url.pathname = url.pathname.replace('clinic', 'other')),
      400,
    ],
  ])('%s lets nobody in (smart 176) (attack 39).', async (_case, change, status) => {
    const page = await finish(change);
    expect(page.status).toBe(status);
    expect(page.html).not.toContain('Allow App access?');
  });

  test('counts in the browser that asked for it, and there once (smart 176) (attack 39).', async () => {
    const [person, thief] = [newPerson(), newPerson()];
    const answer = await askProvider(person, await begin(person), 'doctor');
    await begin(thief);
    expect((await thief.here.go(answer.href)).status).toBe(400);
    expect((await person.here.go(answer.href)).html).toContain('Allow App access?');
    const again = newPerson();
    const login = await begin(again);
    const replay = await again.here.go(`${login.url.pathname}${answer.search}`);
    expect(replay.status).toBe(400);
  });

  test('whose code and nonce belong to another log-in lets nobody in (attack 39).', async () => {
    const [victim, attacker] = [newPerson(), newPerson()];
    const [own, injected] = [
      await askProvider(victim, await begin(victim), 'doctor'),
      await askProvider(attacker, await begin(attacker), 'receptionist'),
    ];
    own.searchParams.set('code', injected.searchParams.get('code') ?? '');
    expect((await victim.here.go(own.href)).status).toBe(401);
  });

  test('is not asked of a provider that does not answer.', async () => {
    const person = newPerson();
    const { url } = await begin(person);
    const page = await person.here.go(url.href, { step: 'federate', provider: 'gone' });
    expect([page.status, page.html.includes('cannot be reached')]).toEqual([502, true]);
    const unknown = await person.here.go(url.href, { step: 'federate', provider: 'nobody' });
    expect(unknown.status).toBe(400);
  });
});

test('A user links his account himself; an identity is never that of two accounts (smart 176).', async () => {
  const link = async (username: string, person: Person): Promise<Arrival> => {
    const page = await accountPage(person.here, username);
    const sent = await send(person.here, page, '/link', { provider: 'clinic' });
    return person.here.go((await logInThere(person.there, sent.url, 'patient')).href);
  };
  const person = newPerson();
  expect((await link('patient', person)).html).toContain('You can log in that way from now on.');
  expect((await link('doctor', newPerson())).html).toContain('That identity belongs to another account.');
  const next = newPerson();
  const answer = await askProvider(next, await begin(next), 'patient');
  await next.here.go(answer.href);
  expect((await next.here.go(ACCOUNT)).html).toContain('<strong>patient</strong>');
  const events = await securityEvents(pool, 'identity belongs to another account');
  expect(events.map(({ reason }) => reason)).toEqual(
    expect.arrayContaining([
      'account made for an identity of an identity provider, without a role',
      'the answer of the identity provider was refused',
      'identity of an identity provider linked',
    ]),
  );
});

describe('A log-out', () => {
  /** Logged in by the provider, with an app that lives as long as the session. */
  async function loggedIn(): Promise<{ person: Person; token: string }> {
    const person = newPerson();
    const login = await person.here.go(authorizeUrl(server, { scope: `${SCOPE} online_access` }));
    const consent = await person.here.go((await askProvider(person, login, 'doctor')).href);
    const { access_token: token } = await redeem(server, await decide(person.here, consent));
    return { person, token };
  }

  const logoutUrl = (changes: Readonly<Record<string, string>> = {}): string =>
    `/oauth2/logout?${new URLSearchParams({ client_id: 'app', post_logout_redirect_uri: GOODBYE, state: 's&1', ...changes }).toString()}`;

  const confirm = (
    { here }: Person,
    page: Arrival,
    more: Readonly<Record<string, string>>,
  ): Promise<Arrival> =>
    here.go('/oauth2/logout/confirm', { xsrf: formOf(page.html).get('xsrf') ?? '', logout: 'yes', ...more });

  test('ends the session and its tokens, and goes on to the registered address (smart 177).', async () => {
    const { person, token } = await loggedIn();
    const page = await person.here.go(logoutUrl());
    expect((await confirm(person, page, { xsrf: 'guessed' })).status).toBe(400);
    expect((await server.fhir('GET', 'Patient', { token })).status).toBe(200);
    const after = await confirm(person, page, {});
    expect(after.url.href).toBe(`${GOODBYE}?state=s%261`);
    const status = async (): Promise<number> => (await server.fhir('GET', 'Patient', { token })).status;
    // The process hears of it from the database, a moment later.
    for (let n = 0; n < 40 && (await status()) !== 401; n += 1) await sleep(25);
    expect(await status()).toBe(401);
    expect((await begin(person)).html).toContain('name="username"');
    // Its session at the provider goes on: a click on the button needs no password.
    const again = await askProvider(person, await begin(person), 'doctor');
    expect(again.origin).toBe(server.baseUrl);
  });

  test('goes on to no other address (smart 177).', async () => {
    const { person } = await loggedIn();
    for (const uri of [`${GOODBYE}/x`, `${GOODBYE}?a=b`, 'https://evil.example/', REDIRECT])
      expect((await person.here.go(logoutUrl({ post_logout_redirect_uri: uri }))).status).toBe(400);
    const forged = await person.here.go('/oauth2/federation/logged-out?state=https://evil.example');
    expect(forged.url.pathname).toBe('/oauth2/logout/success');
  });

  test('ends the session at the provider where that is asked for (smart 177).', async () => {
    const { person } = await loggedIn();
    const page = await person.here.go(logoutUrl());
    expect(page.html).toContain('Log out of Clinic too');
    const sent = await confirm(person, page, { provider: 'yes' });
    expect(sent.url.origin).toBe(idp.baseUrl);
    const there = await person.there.go(sent.url.href);
    const back = await person.there.go('/oauth2/logout/confirm', {
      xsrf: formOf(there.html).get('xsrf') ?? '',
      logout: 'yes',
    });
    expect((await person.here.go(back.url.href)).url.href).toBe(`${GOODBYE}?state=s%261`);
    const sentAgain = await person.here.go((await begin(person)).url.href, {
      step: 'federate',
      provider: 'clinic',
    });
    expect((await person.there.go(sentAgain.url.href)).html).toContain('name="username"');
    const events = await securityEvents(pool, 'logged out', 2);
    expect(events.filter(({ code }) => code === 'logout').length).toBeGreaterThan(1);
  });
});
