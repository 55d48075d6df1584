/** EHR launches: the handle, whom it is for, and what the app is told. https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#launch-app-ehr-launch */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { provisionAccounts } from '../../../src/auth/index.ts';
import { createPool, type Pool } from '../../../src/db/index.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { authorize, logIn, redeem, tokens, type Changes, type TokenAnswer } from '../../support/app-flow.ts';
import { CLINIC, PASSWORD, REDIRECT, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let pool: Pool;
let ehr: string;

beforeAll(async () => {
  server = await startTestServer();
  pool = createPool(loadConfig({ DATABASE_URL: server.databaseUrl, COOKIE_SECRET: 'x'.repeat(32) }));
  await provisionAccounts(pool, {
    users: [
      {
        username: 'nurse',
        password: PASSWORD,
        role: 'nurse',
        fhirUser: 'Practitioner/nurse',
        organization: CLINIC,
      },
    ],
    clients: [
      {
        clientId: 'several',
        name: 'Several',
        redirectUris: [REDIRECT],
        launchUris: ['https://several.example/launch?mode=a', 'https://several.example/other'],
        scope: 'launch patient/*.rs',
      },
      { clientId: 'none', name: 'None', redirectUris: [REDIRECT], scope: 'launch patient/*.rs' },
    ],
  });
  for (const id of ['p1', 'p2']) {
    const subject = { reference: `Patient/${id}` };
    await server.fhir('PUT', `Patient/${id}`, {
      body: {
        resourceType: 'Patient',
        id,
        name: [{ family: id }],
        managingOrganization: { reference: CLINIC },
      },
    });
    const encounter = {
      resourceType: 'Encounter',
      id: `e-${id}`,
      status: 'planned',
      class: { code: 'AMB' },
      subject,
    };
    await server.fhir('PUT', `Encounter/e-${id}`, { body: encounter });
    const study = { resourceType: 'ImagingStudy', id: `s-${id}`, status: 'available', subject };
    await server.fhir('PUT', `ImagingStudy/s-${id}`, { body: study });
  }
  ehr = await ehrToken('doctor');
}, 30_000);
afterAll(async () => {
  await pool.end();
  await server.close();
});

async function ehrToken(username: string): Promise<string> {
  const changes = { client_id: 'ehr', scope: 'user/*.rs' };
  return (await redeem(server, await authorize(server, username, changes), { client_id: 'ehr' }))
    .access_token;
}

interface Launch {
  readonly status: number;
  readonly launch: string;
  readonly launch_url: string;
  readonly url: string;
  readonly error_description?: string;
}

async function launch(body: object, token = ehr): Promise<Launch> {
  const response = await fetch(`${server.baseUrl}/oauth2/launch-context`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, ...((await response.json()) as Omit<Launch, 'status'>) };
}

const SCOPE = 'launch patient/*.rs';
const launched = async (body: object, changes: Changes = {}, username = 'doctor'): Promise<TokenAnswer> => {
  const { launch: handle } = await launch({ client_id: 'app', ...body });
  return redeem(server, await authorize(server, username, { scope: SCOPE, launch: handle, ...changes }));
};

describe('The launch URL', () => {
  test('is one that the app has registered, with iss and launch (smart 53) (smart 31).', async () => {
    const made = await launch({ client_id: 'app', patient: 'p1' });
    const url = new URL(made.url);
    expect([made.status, `${url.origin}${url.pathname}`]).toEqual([201, 'https://app.example/launch']);
    expect(Object.fromEntries(url.searchParams)).toEqual({ iss: server.fhirBase, launch: made.launch });
  });

  test('is the one that is asked for, of those registered alone (smart 31).', async () => {
    const first = await launch({ client_id: 'several' });
    expect(first.url).toMatch(/^https:\/\/several\.example\/launch\?mode=a&iss=/);
    const other = await launch({ client_id: 'several', launch_url: 'https://several.example/other' });
    expect(other.launch_url).toBe('https://several.example/other');
    for (const launch_url of ['https://evil.example/', 'https://several.example/other/', 7])
      expect((await launch({ client_id: 'several', launch_url })).status).toBe(400);
    expect((await launch({ client_id: 'none' })).status).toBe(400);
    expect((await launch({ client_id: 'unknown' })).status).toBe(400);
  });

  test('of every app is what an EHR may list, and no other app.', async () => {
    const ask = (token: string) =>
      fetch(`${server.baseUrl}/oauth2/launch-context/apps`, {
        headers: { Authorization: `Bearer ${token}` },
      });
    const apps = (await (await ask(ehr)).json()) as { client_id: string }[];
    expect(apps.map((app) => app.client_id)).toEqual(['app', 'several', 'several']);
    const own = (await redeem(server, await authorize(server, 'patient'))).access_token;
    for (const token of [own, await server.token('system/*.cruds')]) {
      expect((await ask(token)).status).toBe(403);
      expect((await launch({ client_id: 'app' }, token)).status).toBe(403);
    }
    expect((await ask('made-up')).status).toBe(401);
  });
});

describe('The handle', () => {
  test('cannot be guessed, tells nothing, and is kept under its hash (smart 54).', async () => {
    const made = await launch({ client_id: 'app', patient: 'p1', encounter: 'e-p1' });
    expect(made.launch).toMatch(/^[\w-]{32}$/);
    const decoded = Buffer.from(made.launch, 'base64url').toString('latin1');
    expect(`${made.launch} ${decoded}`).not.toMatch(/p1|Patient|doctor/);
    const { rows } = await pool.query<{ id: string }>('select id from auth.launch');
    expect(rows.map((row) => row.id)).not.toContain(made.launch);
  });

  const refused = async (changes: Changes, username = 'doctor'): Promise<string | null> => {
    const arrival = await authorize(server, username, { scope: SCOPE, ...changes });
    expect(arrival.url.searchParams.get('code')).toBeNull();
    return arrival.url.searchParams.get('error');
  };

  test('is good once (smart 55) (attack 37).', async () => {
    const { launch: handle } = await launch({ client_id: 'app', patient: 'p1' });
    expect(
      (await redeem(server, await authorize(server, 'doctor', { scope: SCOPE, launch: handle })))['patient'],
    ).toBe('p1');
    expect(await refused({ launch: handle })).toBe('invalid_request');
  });

  test('is good for its app, its user and five minutes (smart 55) (attack 37).', async () => {
    expect(await refused({ launch: 'made-up' })).toBe('invalid_request');
    const { launch: foreign } = await launch({ client_id: 'several', patient: 'p1' });
    expect(await refused({ launch: foreign })).toBe('invalid_request');
    const { launch: handle } = await launch({ client_id: 'app', patient: 'p1' });
    expect(await refused({ launch: handle }, 'receptionist')).toBe('invalid_request');
    await pool.query(`update auth.launch set expires_at = now() - interval '1 second'`);
    expect(await refused({ launch: handle })).toBe('invalid_request');
  });

  test('that runs out while the page is open gives nothing (smart 55).', async () => {
    const { launch: handle } = await launch({ client_id: 'app', patient: 'p1' });
    const page = await logIn(server, 'doctor', { scope: SCOPE, launch: handle });
    expect(page.html).toContain('Allow App access?');
    await pool.query('delete from auth.launch');
    const again = await logIn(server, 'doctor', { scope: SCOPE, launch: handle });
    expect(again.url.searchParams.get('error')).toBe('invalid_request');
  });
});

describe('The token answer of a launch', () => {
  test('has the patient and the encounter of the EHR (smart 56).', async () => {
    expect(await launched({ patient: 'p2', encounter: 'e-p2' })).toMatchObject({
      status: 200,
      patient: 'p2',
      encounter: 'e-p2',
    });
    expect(await launched({ patient: 'p2' })).not.toHaveProperty('encounter');
  });

  test('has the patient that the user picks where the EHR has none (smart 60).', async () => {
    expect(await launched({})).toMatchObject({ status: 200, patient: 'p1' });
  });

  test('says whether to show a banner, and where the style is, which anybody may read (smart 57) (smart 58).', async () => {
    const answer = await launched({ patient: 'p1' });
    expect(answer['need_patient_banner']).toBe(true);
    expect(await launched({ patient: 'p1', need_patient_banner: false })).toMatchObject({
      need_patient_banner: false,
    });
    const url = answer['smart_style_url'] as string;
    expect(url).toMatch(new RegExp(`^${server.baseUrl}/oauth2/style/[0-9a-f]{16}\\.json$`));
    const style = await fetch(url, { headers: { Origin: 'https://app.example' } });
    expect(style.headers.get('content-type')).toBe('application/json');
    expect(style.headers.get('access-control-allow-origin')).toBe('*');
    expect(await style.json()).toMatchObject({ color_background: expect.stringMatching(/^#/) });
    expect((await fetch(url.replace(/[0-9a-f]{16}/, '0'.repeat(16)))).status).toBe(404);
  });

  test('of an app that no EHR launched has no style.', async () => {
    const answer = await redeem(server, await authorize(server, 'doctor'));
    expect(answer).not.toHaveProperty('smart_style_url');
    expect(answer).toMatchObject({ need_patient_banner: true });
  });

  test('has intent and tenant as text, and nothing that the standard does not know (smart 63).', async () => {
    const token = await ehrToken('nurse');
    const { launch: handle } = await launch({ client_id: 'app', patient: 'p1', intent: 'reconcile' }, token);
    const answer = await redeem(server, await authorize(server, 'nurse', { scope: SCOPE, launch: handle }));
    expect(answer).toMatchObject({ intent: 'reconcile', tenant: CLINIC });
    const { headers: _, status: __, ...members } = answer;
    expect(Object.keys(members).sort()).toEqual(
      [
        'access_token',
        'expires_in',
        'intent',
        'need_patient_banner',
        'patient',
        'scope',
        'smart_style_url',
        'tenant',
        'token_type',
      ].sort(),
    );
    for (const intent of [7, '', ' ', 'x'.repeat(201), 'a\0b', 'a\nb', '\u202eabc', ['x']])
      expect((await launch({ client_id: 'app', intent })).status).toBe(400);
  });

  test('has no Encounter but one of the patient, whatever the EHR asks for (attack 1).', async () => {
    const wrong = [
      { patient: 'p1', encounter: 'e-p2' },
      { encounter: 'e-p1' },
      { patient: 'p1', encounter: 'unknown' },
      { patient: 'p1', encounter: 'Encounter/e-p1' },
      { patient: 'p1', encounter: '' },
      { patient: 'p1', encounter: 7 },
    ];
    for (const body of wrong) {
      const made = await launch({ client_id: 'app', ...body });
      expect([body, made.status, made.error_description]).toEqual([
        body,
        400,
        expect.stringContaining('encounter is no Encounter of this patient'),
      ]);
      expect(made).not.toHaveProperty('launch');
    }
  });

  test('repeats all of it after a refresh.', async () => {
    const body = {
      patient: 'p1',
      encounter: 'e-p1',
      intent: 'x',
      fhirContext: [{ reference: 'ImagingStudy/s-p1' }],
    };
    const first = await launched(body, { scope: `${SCOPE} offline_access` });
    const form = { grant_type: 'refresh_token', client_id: 'app', refresh_token: first.refresh_token! };
    const second = await tokens(server, form);
    const names = ['patient', 'encounter', 'intent', 'fhirContext', 'need_patient_banner', 'smart_style_url'];
    for (const name of names) expect([name, second[name]]).toEqual([name, first[name]]);
  });
});

describe('fhirContext', () => {
  test('names what the launch is about, by reference, canonical or identifier (smart 62).', async () => {
    const fhirContext = [
      { reference: 'ImagingStudy/s-p1', type: 'ImagingStudy', role: 'launch' },
      { canonical: 'https://forms.example/Questionnaire/a|1.0', type: 'Questionnaire' },
      { identifier: { system: 'https://ids.example', value: '7' }, type: 'ServiceRequest' },
      { reference: 'Patient/p2', role: 'https://roles.example/mother' },
    ];
    expect((await launched({ patient: 'p1', fhirContext }))['fhirContext']).toEqual(fhirContext);
    const [study] = fhirContext;
    expect((await launched({ patient: 'p1', fhirContext: [{ ...study, more: 1 }] }))['fhirContext']).toEqual([
      study,
    ]);
  });

  test.each([
    ['is no array', { reference: 'ImagingStudy/s-p1' }],
    ['holds text', ['ImagingStudy/s-p1']],
    ['has an item without any of them', [{ type: 'ImagingStudy' }]],
    ['has an absolute reference', [{ reference: 'https://other.example/ImagingStudy/1' }]],
    ['has a reference with a path', [{ reference: 'ImagingStudy/../Patient/p1' }]],
    ['has a relative canonical', [{ canonical: 'Questionnaire/a' }]],
    ['has an unknown type', [{ canonical: 'https://a.example', type: 'Nothing' }]],
    ['has a type that is not that of the reference', [{ reference: 'ImagingStudy/s-p1', type: 'Patient' }]],
    ['has a Patient for the launch', [{ reference: 'Patient/p1' }]],
    ['has an Encounter for the launch', [{ reference: 'Encounter/e-p1', role: 'launch' }]],
    ['has a Patient by identifier', [{ identifier: { value: '1' }, type: 'Patient' }]],
    ['has a role that is no URI', [{ reference: 'ImagingStudy/s-p1', role: 'mother' }]],
    ['has an identifier without a value', [{ identifier: { system: 'https://a.example' } }]],
    ['refers to what is not there', [{ reference: 'ImagingStudy/unknown' }]],
  ])('is refused when it %s (smart 62).', async (_title, fhirContext) => {
    const made = await launch({ client_id: 'app', patient: 'p1', fhirContext });
    expect([made.status, made.error_description]).toEqual([400, expect.stringContaining('fhirContext')]);
  });

  test('is refused when the user may not read what it refers to (attack 1).', async () => {
    const token = await ehrToken('receptionist');
    const fhirContext = [{ reference: 'ImagingStudy/s-p1' }];
    expect((await launch({ client_id: 'app', patient: 'p1', fhirContext }, token)).status).toBe(400);
    expect((await launch({ client_id: 'app', patient: 'p1' }, token)).status).toBe(201);
  });
});

test('Launches made and refused are told to the audit, with the user and the patient.', async () => {
  await launch({ client_id: 'app', patient: 'p2' });
  await launch({ client_id: 'none' });
  // Without a worker the records stay as they were written down.
  const told = async (): Promise<
    { outcome: string; reason?: string; touched: string[][]; agent: object }[]
  > => {
    const { rows } = await pool.query<{ record: string }>('select record from audit.pending');
    return rows
      .map(({ record }) => JSON.parse(record) as Awaited<ReturnType<typeof told>>[number] & { code: string })
      .filter(({ code }) => code === 'launch');
  };
  const isTold = (records: Awaited<ReturnType<typeof told>>): boolean =>
    records.some(({ outcome, touched }) => outcome === '0' && touched[0]?.[0] === 'Patient/p2') &&
    records.some(({ outcome, reason }) => outcome === '4' && reason?.includes('no app with a launch URL'));
  let records = await told();
  for (let i = 0; i < 50 && !isTold(records); i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    records = await told();
  }
  expect(isTold(records)).toBe(true);
  expect(records[0]?.agent).toMatchObject({ clientId: 'ehr', fhirUser: 'Practitioner/doc' });
});
