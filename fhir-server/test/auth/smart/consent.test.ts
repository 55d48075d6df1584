/** What a person sees before an app gets anything, and what he allows. https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#obtain-authorization-code */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AuditEvent, Bundle, Observation } from '@medplum/fhirtypes';
import { provisionAccounts } from '../../../src/auth/index.ts';
import { createPool } from '../../../src/db/index.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { authorize, boxes, decide, formOf, logIn, redeem } from '../../support/app-flow.ts';
import { startTestSealer } from '../../support/audit.ts';
import { TestBrowser } from '../../support/browser.ts';
import { CLINIC, PASSWORD, startTestServer, type TestServer } from '../../support/server.ts';

const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';
const LABORATORY = `patient/Observation.rs?category=${CATEGORY}|laboratory`;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  const config = loadConfig({ DATABASE_URL: server.databaseUrl, COOKIE_SECRET: 'x'.repeat(32) });
  const pool = createPool(config);
  await provisionAccounts(pool, {
    users: [{ username: 'mother', password: PASSWORD, role: 'patient', fhirUser: 'RelatedPerson/mother' }],
    clients: [
      {
        clientId: 'all',
        name: '<b>All</b>',
        redirectUris: ['https://all.example/callback'],
        scope:
          'openid fhirUser profile offline_access online_access launch launch/patient launch/encounter patient/*.cruds user/*.cruds',
      },
    ],
  });
  await pool.end();
  for (const id of ['p1', 'p2'])
    await server.fhir('PUT', `Patient/${id}`, {
      body: {
        resourceType: 'Patient',
        id,
        name: [{ family: id }],
        managingOrganization: { reference: CLINIC },
      },
    });
  for (const code of ['laboratory', 'vital-signs']) {
    const body: Observation = {
      resourceType: 'Observation',
      id: code,
      status: 'final',
      code: { text: 'x' },
      category: [{ coding: [{ system: CATEGORY, code }] }],
      subject: { reference: 'Patient/p1' },
    };
    await server.fhir('PUT', `Observation/${code}`, { body });
  }
  for (const [id, status, start] of [
    ['over', 'finished', '2026-03-01'],
    ['now', 'in-progress', '2026-02-01'],
  ]) {
    const subject = { reference: 'Patient/p1' };
    const body = {
      resourceType: 'Encounter',
      id,
      status,
      class: { code: 'AMB' },
      subject,
      period: { start },
    };
    await server.fhir('PUT', `Encounter/${id}`, { body });
  }
}, 30_000);
afterAll(() => server.close());

const ALL = { client_id: 'all', redirect_uri: 'https://all.example/callback' };

test('Each scope is a box of its own, and what is not ticked is not granted (smart 49).', async () => {
  const scope = 'launch/patient patient/Patient.rs patient/Observation.rs patient/Condition.rs';
  const arrival = await authorize(server, 'doctor', { scope }, { untick: ['patient/Condition.rs'] });
  const answer = await redeem(server, arrival);
  expect(answer.scope.split(' ').sort()).toEqual([
    'launch/patient',
    'patient/Observation.rs',
    'patient/Patient.rs',
  ]);
  const { access_token: token } = answer;
  expect((await server.fhir('GET', 'Observation/laboratory', { token })).status).toBe(200);
  expect((await server.fhir('GET', 'Condition?patient=p1', { token })).status).toBe(403);
});

test('The page says plainly that access will last, when it is asked to (smart 50).', async () => {
  const scope = 'launch/patient patient/*.rs';
  const page = async (extra: string): Promise<string> => {
    const at = await logIn(server, 'patient', { scope: scope + extra });
    expect(at.html).toContain('Allow App access?');
    return at.html;
  };
  expect(await page(' offline_access')).toContain('when you are logged out and no longer there');
  expect(await page('')).not.toContain('when you are logged out');
  const without = await authorize(
    server,
    'patient',
    { scope: `${scope} offline_access` },
    { untick: ['offline_access'] },
  );
  const answer = await redeem(server, without);
  expect([answer.status, answer.refresh_token]).toEqual([200, undefined]);
});

test('Who denies, or allows nothing, sends the app back with access_denied (smart 51).', async () => {
  const scope = 'patient/Patient.rs';
  const denied = await authorize(server, 'patient', { scope }, { decision: 'deny' });
  const nothing = await authorize(server, 'patient', { scope }, { untick: [scope] });
  for (const { url } of [denied, nothing])
    expect([url.searchParams.get('error'), url.searchParams.get('code')]).toEqual(['access_denied', null]);
});

test('The page names the app, and where the answer goes, and nothing of it is markup (attack 28).', async () => {
  const { html } = await logIn(server, 'patient', { ...ALL, scope: 'patient/*.rs' });
  expect(html).toContain('&lt;b&gt;All&lt;/b&gt;');
  expect(html).not.toContain('<b>');
  expect(html).toContain('The answer goes to all.example');
});

describe('For Observations and Conditions the page offers the categories', () => {
  const scope = 'launch/patient patient/Patient.rs patient/Observation.rs patient/Condition.rs';

  test('of US Core (smart 92).', async () => {
    const { html } = await logIn(server, 'patient', { scope });
    const codes = boxes(html, 'narrow').map((text) => text.replace(/\?category=.*\|/, ' '));
    expect(codes).toEqual([
      ...['laboratory', 'vital-signs', 'social-history', 'survey', 'sdoh'].map(
        (c) => `patient/Observation.rs ${c}`,
      ),
      ...['encounter-diagnosis', 'problem-list-item', 'health-concern'].map(
        (c) => `patient/Condition.rs ${c}`,
      ),
    ]);
    expect(formOf(html).getAll('narrow')).toEqual([]);
  });

  test('and grants those that are picked in the place of the whole (smart 91).', async () => {
    const answer = await redeem(
      server,
      await authorize(server, 'doctor', { scope }, { narrow: [LABORATORY] }),
    );
    expect(answer.scope.split(' ').sort()).toEqual(
      ['launch/patient', 'patient/Condition.rs', LABORATORY, 'patient/Patient.rs'].sort(),
    );
    const { access_token: token } = answer;
    expect((await server.fhir('GET', 'Observation/laboratory', { token })).status).toBe(200);
    expect((await server.fhir('GET', 'Observation/vital-signs', { token })).status).toBe(404);
    const found = (await (await server.fhir('GET', 'Observation?patient=p1', { token })).json()) as Bundle;
    expect(found.entry?.map((e) => e.resource?.id)).toEqual(['laboratory']);
  });

  test('and keeps them through a refresh (smart 91).', async () => {
    const arrival = await authorize(
      server,
      'doctor',
      { scope: `${scope} offline_access` },
      { narrow: [LABORATORY], untick: ['patient/Condition.rs'] },
    );
    const first = await redeem(server, arrival);
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: 'app',
      refresh_token: first.refresh_token!,
    });
    const response = await fetch(`${server.baseUrl}/oauth2/token`, { method: 'POST', body });
    const second = (await response.json()) as { scope: string; access_token: string };
    expect(second.scope.split(' ').sort()).toEqual(first.scope.split(' ').sort());
    expect((await server.fhir('GET', 'Observation/vital-signs', { token: second.access_token })).status).toBe(
      404,
    );
  });

  test('and takes no others, nor a scope that was not asked for (attack 38).', async () => {
    const narrow = ['patient/Observation.rs?status=final', 'user/*.cruds', 'patient/Encounter.rs'];
    const arrival = await authorize(server, 'doctor', { scope: 'patient/Observation.rs' }, { narrow });
    expect((await redeem(server, arrival)).scope).toBe('patient/Observation.rs');
  });

  test('but not for scopes in the form of v1, which knows none.', async () => {
    const { html } = await logIn(server, 'patient', { scope: 'patient/Observation.read' });
    expect(boxes(html, 'narrow')).toEqual([]);
  });
});

describe('A form counts only', () => {
  test('in the browser that began (smart 52) (attack 37).', async () => {
    const at = await logIn(server, 'patient', { scope: 'patient/*.rs' });
    const other = new TestBrowser(server.baseUrl);
    await logIn(server, 'patient', { scope: 'patient/*.rs' }, other);
    expect((await decide(other, at)).status).toBe(400);
    expect((await decide(new TestBrowser(server.baseUrl), at)).status).toBe(400);
  });

  test('when the page of this interaction made it (smart 52).', async () => {
    const browser = new TestBrowser(server.baseUrl);
    const first = await logIn(server, 'doctor', {}, browser);
    const chosen = await browser.go(first.url.href, { step: 'patient', patient: 'p1' });
    const picked = formOf(chosen.html).get('picked')!;
    const forged = [picked.replace('p1', 'p2'), 'p2~', '~', '', 'p2'];
    for (const value of forged) {
      const form = formOf(chosen.html);
      form.set('picked', value);
      form.set('decision', 'allow');
      expect((await browser.go(chosen.url.href, form)).html).toContain('Choose a patient');
    }
    const own = new TestBrowser(server.baseUrl);
    const page = await logIn(server, 'patient', {}, own);
    const form = { step: 'consent', decision: 'allow', scope: 'patient/*.rs', picked };
    expect((await own.go(page.url.href, form)).html).toContain('Allow App access?');
  });

  test.each([
    [{ 'Sec-Fetch-Site': 'cross-site' }, 403],
    [{ 'Sec-Fetch-Site': 'same-site' }, 403],
    [{ Origin: 'https://evil.example' }, 403],
    [{ 'Sec-Fetch-Site': 'cross-site', Origin: 'SELF' }, 403],
    [{ 'Sec-Fetch-Site': 'same-origin', Origin: 'null' }, 302],
    [{ Origin: 'SELF' }, 302],
  ])(
    'when it is sent from a page of the server: %j is %i (smart 52) (attack 37).',
    async (headers, status) => {
      const browser = new TestBrowser(server.baseUrl);
      const at = await logIn(server, 'patient', { scope: 'patient/*.rs' }, browser);
      const form = formOf(at.html);
      form.set('decision', 'allow');
      const sent = Object.entries(headers).map(([n, v]) => [n, v.replace('SELF', server.baseUrl)]);
      const answer = await browser.go(at.url.href, form, Object.fromEntries(sent) as Record<string, string>);
      expect(answer.url.searchParams.has('code')).toBe(status === 302);
      if (status === 403) expect(answer.status).toBe(403);
    },
  );
});

describe('The patient', () => {
  test('is picked by a clinician among those that he may see, and is in the answer (smart 59) (smart 60).', async () => {
    const answer = await redeem(server, await authorize(server, 'doctor', {}, { patient: 'p2' }));
    expect(answer['patient']).toBe('p2');
    const browser = new TestBrowser(server.baseUrl);
    const at = await logIn(server, 'doctor', { scope: 'patient/Observation.rs' }, browser);
    expect(at.html).toContain('Choose a patient');
    const unknown = await browser.go(at.url.href, { step: 'patient', patient: 'p3' });
    expect([unknown.status, unknown.url.origin]).toEqual([403, server.baseUrl]);
  });

  test('is himself for a patient, whatever he sends (smart 64).', async () => {
    const browser = new TestBrowser(server.baseUrl);
    const at = await logIn(server, 'patient', {}, browser);
    const forged = await browser.go(at.url.href, { step: 'patient', patient: 'p2' });
    expect(forged.html).toContain('Allow App access?');
    expect((await redeem(server, await decide(browser, forged)))['patient']).toBe('p1');
  });

  test('is nobody for whom no record is open: the page says so and leads back (smart 60) (smart 64).', async () => {
    const browser = new TestBrowser(server.baseUrl);
    const at = await logIn(server, 'mother', {}, browser);
    expect(at.html).toContain('There is no patient that you may choose');
    const forged = await browser.go(at.url.href, { step: 'patient', patient: 'p1' });
    expect(forged.status).toBe(403);
    const back = await decide(browser, at, { decision: 'deny' });
    expect(back.url.searchParams.get('error')).toBe('access_denied');
  });

  test('comes with the visit that goes on, where that is asked for (smart 61).', async () => {
    const scope = 'launch/patient launch/encounter patient/*.rs';
    const answer = await redeem(server, await authorize(server, 'doctor', { ...ALL, scope }), ALL);
    expect(answer).toMatchObject({ status: 200, patient: 'p1', encounter: 'now' });
    const other = await redeem(
      server,
      await authorize(server, 'doctor', { ...ALL, scope }, { patient: 'p2' }),
      ALL,
    );
    expect([other.status, other['encounter']]).toEqual([200, undefined]);
    const receptionist = await authorize(server, 'receptionist', { ...ALL, scope });
    expect((await redeem(server, receptionist, ALL))['patient']).toBe('p1');
  });
});

test('Consents and refusals are told to the audit, with the app, the person and the patient.', async () => {
  await authorize(server, 'doctor', {}, { patient: 'p2' });
  await authorize(server, 'patient', { scope: 'patient/Patient.rs' }, { decision: 'deny' });
  const sealer = startTestSealer(server);
  try {
    let events: AuditEvent[] = [];
    for (let i = 0; i < 50; i += 1) {
      const found = await server.fhir('GET', 'AuditEvent?subtype=110136&_count=200');
      events = ((await found.json()) as Bundle<AuditEvent>).entry?.map((e) => e.resource!) ?? [];
      if (
        events.some((e) => e.outcome === '4') &&
        events.some((e) => JSON.stringify(e).includes('Patient/p2'))
      )
        break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const given = events.find((e) => e.outcome === '0' && JSON.stringify(e.entity).includes('Patient/p2'));
    expect(JSON.stringify(given?.agent)).toContain('Practitioner/doc');
    const denied = events.filter((e) => e.outcomeDesc === 'The user did not allow access.');
    expect(denied.some((e) => e.outcome === '4' && JSON.stringify(e.agent).includes('Patient/p1'))).toBe(
      true,
    );
  } finally {
    await sealer.stop();
  }
});

test('A stranger’s link to a consent page opens nothing.', async () => {
  const { url } = await logIn(server, 'doctor');
  const answer = await new TestBrowser(server.baseUrl).go(url.href);
  expect(answer.status).toBe(400);
});
