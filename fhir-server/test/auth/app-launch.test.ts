/** The authorization code flow as a person and an app go through it. https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle } from '@medplum/fhirtypes';
import { TestBrowser, type Arrival } from '../support/browser.ts';
import { CLINIC, PASSWORD, REDIRECT, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  for (const id of ['p1', 'p2'])
    await server.fhir('PUT', `Patient/${id}`, {
      body: {
        resourceType: 'Patient',
        id,
        name: [{ family: `Name${id}` }],
        managingOrganization: { reference: CLINIC },
      },
    });
  for (const id of ['p1', 'p2']) {
    const subject = { reference: `Patient/${id}` };
    const coded = { status: 'final', code: { text: 'x' }, subject };
    await server.fhir('PUT', `Observation/o-${id}`, {
      body: { resourceType: 'Observation', id: `o-${id}`, ...coded },
    });
    const encounter = {
      resourceType: 'Encounter',
      id: `e-${id}`,
      status: 'planned',
      class: { code: 'AMB' },
      subject,
    };
    await server.fhir('PUT', `Encounter/e-${id}`, { body: encounter });
  }
}, 30_000);
afterAll(() => server.close());

const VERIFIER = randomBytes(32).toString('base64url');
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
const SCOPE = 'openid fhirUser offline_access launch/patient patient/*.rs';

type Changes = Readonly<Record<string, string | undefined>>;

function authorizeUrl(changes: Changes = {}): string {
  const parameters = {
    response_type: 'code',
    client_id: 'app',
    redirect_uri: REDIRECT,
    scope: SCOPE,
    state: 'st/ate',
    aud: server.fhirBase,
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...changes,
  };
  const given = Object.entries(parameters).filter((p): p is [string, string] => p[1] !== undefined);
  return `/oauth2/authorize?${new URLSearchParams(given).toString()}`;
}

/** Log-in, and where they come up patient and consent. */
async function authorize(
  username: string,
  changes: Changes = {},
  browser = new TestBrowser(server.baseUrl),
): Promise<Arrival> {
  let at = await browser.go(authorizeUrl(changes));
  if (at.html.includes('name="username"'))
    at = await browser.go(at.url.href, { step: 'login', username, password: PASSWORD });
  if (at.html.includes('Choose a patient'))
    at = await browser.go(at.url.href, { step: 'patient', patient: 'p1' });
  if (!at.html.includes('name="decision"')) return at;
  const picked = /name="picked"\s+value="([^"]*)"/.exec(at.html)?.[1] ?? '';
  const scopes = [...at.html.matchAll(/name="scope"\s+value="([^"]*)"/g)].map((m) => m[1]!);
  const body = new URLSearchParams({ step: 'consent', decision: 'allow', picked });
  for (const scope of scopes) body.append('scope', scope);
  return browser.go(at.url.href, body);
}

interface Tokens {
  readonly status: number;
  readonly headers: Headers;
  readonly access_token: string;
  readonly refresh_token: string;
  readonly scope: string;
  readonly patient?: string;
  readonly encounter?: string;
  readonly id_token: string;
  readonly error?: string;
}

async function tokens(form: Readonly<Record<string, string>>): Promise<Tokens> {
  const response = await fetch(`${server.baseUrl}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'app', ...form }),
  });
  return {
    status: response.status,
    headers: response.headers,
    ...((await response.json()) as object),
  } as Tokens;
}

const redeem = (arrival: Arrival, changes: Readonly<Record<string, string>> = {}): Promise<Tokens> =>
  tokens({
    grant_type: 'authorization_code',
    code: arrival.url.searchParams.get('code') ?? '',
    redirect_uri: REDIRECT,
    code_verifier: VERIFIER,
    ...changes,
  });

test('A doctor logs in, chooses a patient, allows, and the app sees that patient alone.', async () => {
  const arrival = await authorize('doctor');
  expect(arrival.url.searchParams.get('state')).toBe('st/ate');
  const answer = await redeem(arrival);
  expect(answer).toMatchObject({
    status: 200,
    token_type: 'Bearer',
    patient: 'p1',
    need_patient_banner: true,
  });
  expect([answer.headers.get('cache-control'), answer.headers.get('pragma')]).toEqual([
    'no-store',
    'no-cache',
  ]);
  expect(answer.scope.split(' ').sort()).toEqual(SCOPE.split(' ').sort());
  const claims = JSON.parse(Buffer.from(answer.id_token.split('.')[1]!, 'base64url').toString()) as object;
  expect(claims).toMatchObject({ fhirUser: `${server.fhirBase}/Practitioner/doc`, aud: 'app' });
  const token = answer.access_token;
  expect((await server.fhir('GET', 'Observation/o-p1', { token })).status).toBe(200);
  for (const path of [
    'Observation/o-p2',
    'Observation/o-p2/_history',
    'Observation/o-p2/_history/1',
    'Patient/p2',
  ])
    expect(`${path} ${(await server.fhir('GET', path, { token })).status}`).toBe(`${path} 404`);
  const found = (await (await server.fhir('GET', 'Observation?_total=accurate', { token })).json()) as Bundle;
  expect([found.total, found.entry?.map((e) => e.resource?.id)]).toEqual([1, ['o-p1']]);
  expect((await server.fhir('DELETE', 'Observation/o-p1', { token })).status).toBe(403);
});

test('A patient has himself in context and no choice.', async () => {
  const answer = await redeem(await authorize('patient'));
  expect(answer.patient).toBe('p1');
});

test('A receptionist’s rights end where her role’s end, whatever the scope.', async () => {
  const answer = await redeem(await authorize('receptionist', { scope: 'user/*.cruds' }));
  const { access_token: token } = answer;
  expect((await server.fhir('GET', 'Patient/p2', { token })).status).toBe(200);
  expect((await server.fhir('GET', 'Observation/o-p2', { token })).status).toBe(403);
  const subscription = {
    resourceType: 'Subscription',
    status: 'requested',
    reason: 'x',
    criteria: 'Patient?',
    channel: { type: 'rest-hook', endpoint: 'https://a.example' },
  };
  expect((await server.fhir('POST', 'Subscription', { token, body: subscription })).status).toBe(403);
});

describe('Refused is', () => {
  test.each([
    ['a request without PKCE', { code_challenge: undefined, code_challenge_method: undefined }],
    ['plain PKCE', { code_challenge_method: 'plain' }],
    ['a request without aud', { aud: undefined }],
    ['a foreign aud', { aud: 'https://evil.example/fhir' }],
    ['a foreign aud beside the right resource', { aud: 'https://evil.example/fhir', resource: 'set below' }],
    ['an implicit grant', { response_type: 'token' }],
    ['an unknown launch', { launch: 'made-up', scope: 'launch patient/*.rs' }],
  ])('%s', async (_title, changes: Changes) => {
    const resource = changes['resource'] === undefined ? {} : { resource: server.fhirBase };
    const { url, html } = await authorize('doctor', { ...changes, ...resource });
    expect(url.searchParams.get('code')).toBeNull();
    // An implicit answer would be in the fragment.
    const answer = `${url.search} ${url.hash} ${html}`;
    expect(answer).toMatch(/invalid_request|unsupported_response_type/);
  });

  test('an unregistered redirect, with a page and no redirect', async () => {
    const { status, url, html } = await authorize('doctor', { redirect_uri: 'https://evil.example/' });
    expect([status, url.origin]).toEqual([400, server.baseUrl]);
    expect(html).toContain('redirect_uri');
  });

  test('a patient that was not offered, and a forged choice', async () => {
    const browser = new TestBrowser(server.baseUrl);
    const login = await browser.go(authorizeUrl());
    const picker = await browser.go(login.url.href, {
      step: 'login',
      username: 'doctor',
      password: PASSWORD,
    });
    expect((await browser.go(picker.url.href, { step: 'patient', patient: 'p3' })).status).toBe(403);
    const forged = await browser.go(picker.url.href, {
      step: 'consent',
      decision: 'allow',
      picked: 'p2~AAAA',
    });
    expect(forged.html).toContain('Choose a patient');
  });

  test('an interaction that another browser began', async () => {
    const { url } = await new TestBrowser(server.baseUrl).go(authorizeUrl());
    const other = await new TestBrowser(server.baseUrl).go(url.href, {
      step: 'login',
      username: 'doctor',
      password: PASSWORD,
    });
    expect(other.status).toBe(400);
  });

  test('an unknown user with the same words as a wrong password', async () => {
    const pages = await Promise.all(
      ['doctor', 'nobody'].map(async (username) => {
        const browser = new TestBrowser(server.baseUrl);
        const { url } = await browser.go(authorizeUrl());
        const page = await browser.go(url.href, { step: 'login', username, password: 'wrong' });
        return [page.status, page.html.replaceAll(username, '')];
      }),
    );
    expect(pages[0]).toEqual(pages[1]);
    expect(pages[0]?.[0]).toBe(401);
  });
});

async function ehrToken(): Promise<string> {
  const arrival = await authorize('doctor', { client_id: 'ehr', scope: 'user/*.rs' });
  return (await redeem(arrival, { client_id: 'ehr' })).access_token;
}

const launch = async (token: string, body: object): Promise<{ status: number; launch: string }> => {
  const response = await fetch(`${server.baseUrl}/oauth2/launch-context`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, ...((await response.json()) as { launch: string }) };
};

test('An EHR launch gives patient and encounter, once, to the app and the user that it was made for.', async () => {
  const token = await ehrToken();
  const made = await launch(token, { client_id: 'app', patient: 'p2', encounter: 'e-p2' });
  expect(made.status).toBe(201);
  const scope = 'launch patient/*.rs';
  const other = await authorize('receptionist', { scope, launch: made.launch });
  expect(other.url.searchParams.get('error')).toBe('invalid_request');
  const answer = await redeem(await authorize('doctor', { scope, launch: made.launch }));
  expect(answer).toMatchObject({ status: 200, patient: 'p2', encounter: 'e-p2' });
  const again = await authorize('doctor', { scope, launch: made.launch });
  expect(again.url.searchParams.get('code')).toBeNull();
});

test('A launch cannot mix patients, nor name one that the user cannot read; without one the user chooses.', async () => {
  const token = await ehrToken();
  expect((await launch(token, { client_id: 'app', patient: 'p1', encounter: 'e-p2' })).status).toBe(400);
  expect((await launch(token, { client_id: 'app', patient: 'unknown' })).status).toBe(400);
  const made = await launch(token, { client_id: 'app' });
  const answer = await redeem(
    await authorize('doctor', { scope: 'launch patient/*.rs', launch: made.launch }),
  );
  expect(answer.patient).toBe('p1');
  const { access_token: ownToken } = await redeem(await authorize('doctor'));
  expect((await launch(ownToken, { client_id: 'app', patient: 'p1' })).status).toBe(403);
});
