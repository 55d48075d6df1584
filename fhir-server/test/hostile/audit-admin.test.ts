/** Attacks on the audit, on labels, on emergencies, and on what answers and pages repeat. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestSealer, type TestSealer } from '../support/audit.ts';
import { bundle, type Cast, observation, put, send, type Sent, shapeOf, startCast, to } from './cast.ts';

let cast: Cast;
let sealer: TestSealer;
let everything: string;
let event = '';

beforeAll(async () => {
  cast = await startCast();
  sealer = startTestSealer(cast.server);
  everything = await cast.server.token('system/*.cruds');
  await send(cast, cast.doctor, 'GET', 'Patient/p1');
  for (let i = 0; i < 100 && event === ''; i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const answer = await send(cast, everything, 'GET', 'AuditEvent?_count=1');
    const { entry = [] } = JSON.parse(answer.text) as { entry?: { resource: { id: string } }[] };
    event = entry[0]?.resource.id ?? '';
  }
}, 60_000);
afterAll(async () => {
  await sealer.stop();
  await cast.server.close();
});

const PATCH = { 'Content-Type': 'application/json-patch+json' };
const REASON = 'unconscious in the emergency room';
const open = (token: string, id: string, reason?: string): Promise<Sent> =>
  send(cast, token, 'POST', `Patient/${id}/$break-glass`, {
    body: {
      resourceType: 'Parameters',
      ...(reason === undefined ? {} : { parameter: [{ name: 'reason', valueString: reason }] }),
    },
  });

describe('AuditEvents are added to, and nothing else (attack 40)', () => {
  test('Nobody changes or deletes one, whatever his rights, on whatever road.', async () => {
    expect(event).not.toBe('');
    const name = `AuditEvent/${event}`;
    const body = JSON.parse((await send(cast, everything, 'GET', name)).text) as object;
    for (const token of [everything, cast.doctor, cast.app, cast.patient]) {
      const answers = [
        await send(cast, token, 'PUT', name, { body }),
        await send(cast, token, 'PATCH', name, { body: '[]', headers: PATCH }),
        await send(cast, token, 'DELETE', name),
        await send(cast, token, 'DELETE', `AuditEvent?_id=${event}`),
        await send(cast, token, 'PUT', `AuditEvent?_id=${event}`, { body }),
        await send(cast, token, 'PUT', 'AuditEvent/mine', { body: { ...body, id: 'mine' } }),
        await send(cast, token, 'POST', `${name}/$meta-add`, { body: { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: { tag: [{ code: 'x' }] } }] } }), // prettier-ignore
      ];
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403));
      const entry = { request: { method: 'DELETE', url: name } };
      expect((await send(cast, token, 'POST', '', { body: bundle('transaction', entry) })).status).toBe(403);
      expect((await send(cast, token, 'POST', '', { body: bundle('batch', entry) })).text).toContain('"403');
    }
    expect((await send(cast, everything, 'GET', name)).status).toBe(200);
  });

  test('No clinician searches, reads or makes one.', async () => {
    for (const token of [cast.doctor, cast.app])
      for (const [method, path] of [
        ['GET', 'AuditEvent'],
        ['GET', `AuditEvent/${event}`],
        ['GET', `AuditEvent/${event}/_history`],
        ['GET', 'AuditEvent/_history'],
        ['GET', 'Patient/p1/AuditEvent'],
        ['POST', 'AuditEvent'],
      ] as const) {
        // prettier-ignore
        const body = method === 'POST' ? { body: { resourceType: 'AuditEvent' } } : {};
        expect([path, (await send(cast, token, method, path, body)).status]).toEqual([path, 403]);
      }
  });

  test('Lines and signs of a request stay one value in it.', async () => {
    const forged = 'x\r\n{"outcome":"0","code":"forged"}';
    const asked = await send(cast, cast.doctor, 'GET', `Observation?code=${encodeURIComponent(forged)}`, {
      headers: { 'User-Agent': 'agent {"forged":true}' },
    });
    expect(asked.status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const told = (await send(cast, everything, 'GET', 'AuditEvent?_count=100&_sort=-_lastUpdated')).text;
    expect(() => JSON.parse(told) as object).not.toThrow();
    expect(told).not.toMatch(/"code":"forged"|"forged":true/);
  });
});

describe('Rights are not written over FHIR (attack 40)', () => {
  test.each(['AccessPolicy', 'ProjectMembership', 'User', 'ClientApplication', 'Project', 'Grant'])(
    '%s is nothing that can be read or written.',
    async (type) => {
      for (const token of [everything, cast.doctor])
        for (const [method, path] of [
          ['GET', type],
          ['GET', `${type}/doctor`],
          ['POST', type],
          ['PUT', `${type}/doctor`],
        ] as const) {
          // prettier-ignore
          const body = method === 'GET' ? {} : { body: { resourceType: type, id: 'doctor' } };
          expect((await send(cast, token, method, path, body)).status).toBe(404);
        }
    },
  );

  test.each([
    ['Practitioner/doc', { resourceType: 'Practitioner', id: 'doc' }],
    ['PractitionerRole/mine', { resourceType: 'PractitionerRole', id: 'mine', practitioner: to('Practitioner/doc') }],
    ['Organization/o', { resourceType: 'Organization', id: 'o', name: 'Mine' }],
    ['SearchParameter/mine', { resourceType: 'SearchParameter', id: 'mine' }],
    ['StructureDefinition/mine', { resourceType: 'StructureDefinition', id: 'mine' }],
    ['Endpoint/mine', { resourceType: 'Endpoint', id: 'mine' }],
  ])('%s, which could raise him, is not a clinician’s to write.', async (name, body) => {
    for (const token of [cast.doctor, cast.app, cast.patient])
      expect((await send(cast, token, 'PUT', name, { body })).status).toBe(403);
  }); // prettier-ignore

  test('Labels that close a resource are set and removed by nobody without a clearance.', async () => {
    const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }];
    await put(cast.server, observation('open', 'p1'), observation('closed', 'p1', { meta: { security } }));
    const add = JSON.stringify([{ op: 'add', path: '/meta/security', value: security }]);
    const meta = { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: { security } }] };
    for (const token of [cast.doctor, cast.app]) {
      const set = [
        await send(cast, token, 'PUT', 'Observation/open', { body: observation('open', 'p1', { meta: { security } }) }), // prettier-ignore
        await send(cast, token, 'PATCH', 'Observation/open', { body: add, headers: PATCH }),
        await send(cast, token, 'POST', 'Observation/open/$meta-add', { body: meta }),
        await send(cast, token, 'POST', 'Observation', { body: { ...observation('', 'p1', { meta: { security } }), id: undefined } }), // prettier-ignore
      ];
      expect(set.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
      const removed = [
        await send(cast, token, 'PUT', 'Observation/closed', { body: observation('closed', 'p1') }),
        await send(cast, token, 'PATCH', 'Observation/closed', { body: '[]', headers: PATCH }),
        await send(cast, token, 'POST', 'Observation/closed/$meta-delete', { body: meta }),
      ];
      expect(removed.map(({ status }) => status)).toEqual([404, 404, 404]);
    }
  });

  test('A project or account named in meta is unknown, and meta of the server is the server’s.', async () => {
    const meta = { versionId: '99', lastUpdated: '2001-01-01T00:00:00Z' };
    const odd = { ...observation('open', 'p1'), meta: { ...meta, project: 'other' } };
    expect((await send(cast, cast.doctor, 'PUT', 'Observation/open', { body: odd })).status).toBe(400);
    const set = await send(cast, cast.doctor, 'PUT', 'Observation/open', { body: observation('open', 'p1', { meta }) }); // prettier-ignore
    expect(set.text).not.toMatch(/"versionId":"99"|2001-01-01/);
  });
});

describe('An emergency (attack 40)', () => {
  test('needs a reason.', async () => {
    for (const reason of [undefined, '', '          ', 'short', 'x'.repeat(1_001)])
      expect((await open(cast.doctor, 'p2', reason)).status).toBe(400);
  });

  test('is not for patients, services, or an app that was opened for another patient.', async () => {
    expect((await open(cast.patient, 'p2', REASON)).status).toBe(403);
    expect((await open(everything, 'p2', REASON)).status).toBe(403);
    const [there, not] = [await open(cast.app, 'p2', REASON), await open(cast.app, 'x2', REASON)];
    expect(shapeOf(there, ['p2'])).toEqual(shapeOf(not, ['x2']));
    expect(there.status).toBe(404);
    expect((await open(cast.app, 'p1', REASON)).status).toBe(200);
    expect((await send(cast, cast.app, 'GET', 'Patient/p2')).status).toBe(404);
  });
});

describe('A token is repeated nowhere (attack 40)', () => {
  test('not in links, locations, errors or pages.', async () => {
    const paths = [
      `Observation?access_token=${cast.doctor}`,
      `Observation?_count=1&access_token=${cast.doctor}`,
      `Observation?code:${cast.doctor}=x`,
      `Observation/_history?access_token=${cast.doctor}`,
      `Patient/p1?access_token=${cast.doctor}`,
      `Patient/${cast.doctor}`,
      `Patient?_sort=${cast.doctor}`,
    ];
    for (const path of paths.slice(0, 5)) {
      const answer = await send(cast, cast.doctor, 'GET', path);
      const self = /"relation":"(self|next)","url":"[^"]*/g.exec(answer.text)?.[0] ?? '';
      expect(self).not.toContain(cast.doctor);
    }
    for (const path of paths) {
      const answer = await send(cast, cast.doctor, 'GET', path);
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
      expect(answer.headers.get('location') ?? '').not.toContain(cast.doctor);
    }
    const wrong = await fetch(`${cast.server.fhirBase}/Patient/p1`, { headers: { Authorization: 'Bearer secret-of-nobody' } }); // prettier-ignore
    expect([wrong.status, (await wrong.text()).includes('secret-of-nobody')]).toEqual([401, false]);
    const page = await fetch(`${cast.server.baseUrl}/oauth2/authorize?client_id=nobody&client_secret=secret-of-nobody`); // prettier-ignore
    expect((await page.text()).includes('secret-of-nobody')).toBe(false);
  });
});
