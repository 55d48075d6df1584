/** Refresh tokens: rotation, reuse, sessions, and what ends them. https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#refresh-access-token */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AuditEvent, Bundle } from '@medplum/fhirtypes';
import type { Pool } from '../../../src/db/index.ts';
import {
  authorize,
  authorizeUrl,
  formOf,
  redeem,
  tokens,
  type Changes,
  type TokenAnswer,
} from '../../support/app-flow.ts';
import { startTestSealer } from '../../support/audit.ts';
import { TestBrowser } from '../../support/browser.ts';
import { basic, CLIENT_SECRET, poolOf, post, provision } from '../../support/oauth-caller.ts';
import { CLINIC, PASSWORD, REDIRECT, startTestServer, type TestServer } from '../../support/server.ts';

const OFFLINE = 'openid fhirUser offline_access launch/patient patient/*.rs';
const ONLINE = OFFLINE.replace('offline', 'online');

let server: TestServer;
let pool: Pool;
let browser: TestBrowser;

beforeAll(async () => {
  server = await startTestServer();
  pool = poolOf(server);
  browser = new TestBrowser(server.baseUrl);
  const scope = `${OFFLINE} online_access user/*.rs`;
  const app = { name: 'App', redirectUris: [REDIRECT], scope, skipConsent: true };
  await provision(pool, {
    clients: [
      { ...app, clientId: 'own' },
      { ...app, clientId: 'confidential', secret: CLIENT_SECRET },
    ],
  });
  for (const id of ['p1', 'p2']) {
    const managingOrganization = { reference: CLINIC };
    await server.fhir('PUT', `Patient/${id}`, {
      body: { resourceType: 'Patient', id, managingOrganization },
    });
  }
}, 30_000);
afterAll(async () => {
  await pool.end();
  await server.close();
});

interface Given extends TokenAnswer {
  readonly refresh_token: string;
}

async function allow(scope: string, changes: Changes = {}, own = browser): Promise<Given> {
  const arrival = await authorize(
    server,
    'doctor',
    { client_id: 'own', scope, ...changes },
    { browser: own, patient: 'p1' },
  );
  const clientId = changes['client_id'] ?? 'own';
  const headers = clientId === 'confidential' ? basic('confidential') : {};
  return (await redeem(server, arrival, { client_id: clientId }, headers)) as Given;
}

const renew = (token: string, form: Readonly<Record<string, string>> = {}): Promise<Given> =>
  tokens(server, {
    grant_type: 'refresh_token',
    client_id: 'own',
    refresh_token: token,
    ...form,
  }) as Promise<Given>;

const isGood = async (token: string): Promise<boolean> => {
  const { status } = await server.fhir('GET', 'Patient/p1', { token });
  expect([200, 401]).toContain(status);
  return status === 200;
};
/** Until the notification has reached the process. */
const settled = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 50));
const REFUSED = { status: 400, error: 'invalid_grant' };

/** As if so many seconds had passed since refresh tokens were used. */
const pass = (seconds: number): Promise<unknown> =>
  pool.query('update auth.oidc set consumed_at = consumed_at - make_interval(secs => $1)', [seconds]);

test('Who is granted offline_access gets a refresh token, who is not gets none (smart 77)', async () => {
  expect(typeof (await allow(OFFLINE)).refresh_token).toBe('string');
  expect((await allow('launch/patient patient/*.rs')).refresh_token).toBeUndefined();
  const denied = await authorize(
    server,
    'doctor',
    { scope: 'offline_access launch/patient patient/*.rs' },
    { browser, untick: ['offline_access'] },
  );
  const answer = await redeem(server, denied);
  expect([answer.status, answer.refresh_token]).toEqual([200, undefined]);
});

test('A refresh gives a token that works, the context again, and the headers, with scope or without (smart 78) (smart 79) (smart 81)', async () => {
  const first = await allow(OFFLINE);
  const second = await renew(first.refresh_token);
  expect(second).toMatchObject({ status: 200, token_type: 'Bearer', expires_in: 900, patient: 'p1' });
  expect([second.scope, second['need_patient_banner']]).toEqual([first.scope, first['need_patient_banner']]);
  expect([second.headers.get('cache-control'), second.headers.get('pragma')]).toEqual([
    'no-store',
    'no-cache',
  ]);
  expect(await isGood(second.access_token)).toBe(true);
  const third = await renew(second.refresh_token, { scope: first.scope });
  expect(third).toMatchObject({ status: 200, scope: first.scope });
  expect(new Set([first, second, third].map((each) => each.refresh_token)).size).toBe(3);
});

test('A refresh may ask for less, by words and by meaning, and not for more (smart 80) (attack 33)', async () => {
  const first = await allow(OFFLINE);
  const narrower = await renew(first.refresh_token, { scope: 'patient/Patient.rs launch/patient' });
  expect([narrower.status, narrower.scope.split(' ').sort()]).toEqual([
    200,
    ['launch/patient', 'patient/Patient.rs'],
  ]);
  expect((await server.fhir('GET', 'Patient/p1', { token: narrower.access_token })).status).toBe(200);
  expect((await server.fhir('GET', 'Observation', { token: narrower.access_token })).status).toBe(403);
  const wider = [
    'patient/*.cruds',
    'patient/Patient.cud',
    'user/*.rs',
    'user/Patient.rs',
    'system/Patient.rs',
    'online_access',
    'patient/Unknown.rs',
  ];
  for (const scope of wider)
    expect(await renew(narrower.refresh_token, { scope })).toMatchObject({
      status: 400,
      error: 'invalid_scope',
    });
  // What was refused used nothing up, and what was narrowed once is whole again.
  expect(await renew(narrower.refresh_token)).toMatchObject({ status: 200, scope: first.scope });
});

test('What is no refresh token, or that of another client, is refused and ends nothing (smart 82) (smart 85) (attack 33)', async () => {
  const first = await allow(OFFLINE);
  for (const token of ['made-up', first.access_token, '']) expect((await renew(token)).status).toBe(400);
  expect(await renew(first.refresh_token, { client_id: 'app' })).toMatchObject(REFUSED);
  const form = { grant_type: 'refresh_token', refresh_token: first.refresh_token };
  const stolen = await post(server, 'token', form, basic('confidential'));
  expect([stolen.status, stolen.body['error']]).toEqual([400, 'invalid_grant']);
  expect((await renew(first.refresh_token)).status).toBe(200);
  const confidential = await allow(OFFLINE, { client_id: 'confidential' });
  const anonymous = await renew(confidential.refresh_token, { client_id: 'confidential' });
  expect([anonymous.status, anonymous.error]).toEqual([401, 'invalid_client']);
});

test('A refresh token lives for more than three months, and so does what was allowed (smart 83)', async () => {
  const { refresh_token: token } = await allow(OFFLINE);
  const { rows } = await pool.query<{ model: string; days: number }>(
    `select model, floor(extract(epoch from max(expires_at) - now()) / 86400)::int as days
     from auth.oidc where model in ('RefreshToken', 'Grant') group by model order by model`,
  );
  expect(rows.map(({ days }) => days > 92)).toEqual([true, true]);
  const { body } = await post(server, 'introspect', { token, client_id: 'own' });
  expect(Number(body['exp']) - Date.now() / 1000).toBeGreaterThan(92 * 86_400);
});

describe('A spent refresh token', () => {
  test('that is used again ends all that came of the grant, and is an alert in the audit (smart 84) (attack 33) (smart 178)', async () => {
    const first = await allow(OFFLINE);
    const second = await renew(first.refresh_token);
    await pass(11);
    expect(await renew(first.refresh_token)).toMatchObject(REFUSED);
    await settled();
    expect(await Promise.all([first, second].map((each) => isGood(each.access_token)))).toEqual([
      false,
      false,
    ]);
    expect(await renew(second.refresh_token)).toMatchObject(REFUSED);
    const sealer = startTestSealer(server);
    const alerts: string[] = [];
    for (let tries = 0; tries < 100 && alerts.length === 0; tries += 1) {
      await settled();
      const found = await server.fhir('GET', 'AuditEvent?type=110113&_count=200');
      const { entry = [] } = (await found.json()) as Bundle<AuditEvent>;
      alerts.push(
        ...entry.map(({ resource }) => resource?.outcomeDesc ?? '').filter((text) => /refresh/.test(text)),
      );
      expect(JSON.stringify(entry)).not.toContain(first.refresh_token);
    }
    await sealer.stop();
    expect(alerts).toContain('a refresh token was used a second time: its grant has ended');
  });

  test('gives the one after it again for ten seconds, as long as that was not used (smart 84)', async () => {
    const first = await allow(OFFLINE);
    const answers = await Promise.all(Array.from({ length: 6 }, () => renew(first.refresh_token)));
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(6).fill(200));
    // One line of tokens: there are not six of which five could live on in other hands.
    expect(new Set(answers.map((each) => each.refresh_token)).size).toBe(1);
    const next = answers[0]!.refresh_token;
    expect((await renew(next)).status).toBe(200);
    expect(await renew(first.refresh_token)).toMatchObject(REFUSED);
    expect(await renew(next)).toMatchObject(REFUSED);
    await settled();
    expect(await isGood(answers[0]!.access_token)).toBe(false);
  });

  test('is of use to a thief until the client goes on, and then to nobody (smart 84)', async () => {
    const first = await allow(OFFLINE);
    const client = await renew(first.refresh_token);
    const thief = await renew(first.refresh_token);
    expect(thief.refresh_token).toBe(client.refresh_token);
    const ahead = await renew(thief.refresh_token);
    expect(ahead.status).toBe(200);
    await pass(11);
    expect(await renew(client.refresh_token)).toMatchObject(REFUSED);
    await settled();
    expect(await isGood(ahead.access_token)).toBe(false);
    expect(await renew(ahead.refresh_token)).toMatchObject(REFUSED);
  });
});

/** On the server's own page. */
async function logOut(own: TestBrowser): Promise<void> {
  const page = await own.go('/oauth2/logout');
  const form = formOf(page.html);
  form.set('logout', 'yes');
  const action = /<form[^>]*\baction="([^"]+)"/.exec(page.html)?.[1] ?? page.url.href;
  await own.go(action, form);
}

test('At the end of the session its online tokens stop at once, of each app and launch, and offline ones go on (smart 86) (attack 33)', async () => {
  const own = new TestBrowser(server.baseUrl);
  const early = await allow(ONLINE, {}, own);
  const offline = await allow(OFFLINE, {}, own);
  const late = await allow(ONLINE, {}, own);
  const plain = await allow('launch/patient patient/*.rs', {}, own);
  // A second launch of the same app in the session takes nothing from the first.
  const renewed = await renew(early.refresh_token);
  expect(renewed.status).toBe(200);
  expect(await isGood(plain.access_token)).toBe(true);
  await logOut(own);
  await settled();
  expect(await renew(renewed.refresh_token)).toMatchObject(REFUSED);
  expect(await renew(late.refresh_token)).toMatchObject(REFUSED);
  const good = await Promise.all(
    [early, renewed, late, plain, offline].map((each) => isGood(each.access_token)),
  );
  expect(good).toEqual([false, false, false, false, true]);
  const token = renewed.access_token;
  expect((await post(server, 'introspect', { token, client_id: 'own' })).body).toEqual({ active: false });
  // Less than was granted is no less offline.
  const narrowed = await renew(offline.refresh_token, { scope: 'patient/Patient.rs' });
  expect([narrowed.status, await isGood(narrowed.access_token)]).toEqual([200, true]);
});

describe('Everything that an account has given ends at once', () => {
  const user = { username: 'locum', password: PASSWORD, role: 'doctor', fhirUser: 'Practitioner/locum' };
  const setUp = async (change: object = {}): Promise<void> =>
    provision(pool, { users: [{ ...user, organization: CLINIC, ...change }] });
  const allowAs = async (password = PASSWORD): Promise<Given> => {
    const own = new TestBrowser(server.baseUrl);
    const asked = { client_id: 'own', scope: 'offline_access user/*.rs' };
    const login = await own.go(authorizeUrl(server, asked));
    const arrival = await own.go(login.url.href, { step: 'login', username: 'locum', password });
    return (await redeem(server, arrival, { client_id: 'own' })) as Given;
  };

  test('when it is disabled, and stays ended when it is enabled again (smart 124) (attack 33)', async () => {
    await setUp();
    const given = await allowAs();
    expect(await isGood(given.access_token)).toBe(true);
    await pool.query(`update auth.users set disabled = true where username = 'locum'`);
    await settled();
    expect(await isGood(given.access_token)).toBe(false);
    expect(await renew(given.refresh_token)).toMatchObject(REFUSED);
    const form = { token: given.access_token, client_id: 'own' };
    expect((await post(server, 'introspect', form)).body).toEqual({ active: false });
    await pool.query(`update auth.users set disabled = false where username = 'locum'`);
    await settled();
    expect([await isGood(given.access_token), (await renew(given.refresh_token)).status]).toEqual([
      false,
      400,
    ]);
  });

  test('when it gets another password (smart 124) (attack 33)', async () => {
    const given = await allowAs();
    expect(await isGood(given.access_token)).toBe(true);
    const password = 'another battery, as horse';
    await setUp({ password });
    await settled();
    expect([await isGood(given.access_token), (await renew(given.refresh_token)).status]).toEqual([
      false,
      400,
    ]);
    expect(await isGood((await allowAs(password)).access_token)).toBe(true);
    await setUp();
  });

  test('that its role gave, when it has another role (smart 124)', async () => {
    const { access_token: token } = await allowAs();
    expect((await server.fhir('GET', 'Observation', { token })).status).toBe(200);
    await setUp({ role: 'receptionist' });
    await settled();
    expect((await server.fhir('GET', 'Observation', { token })).status).toBe(403);
    await setUp();
  });
});
