/** Attacks by page links, Bundles, bodies that two readers could read in two ways, and requests that pretend to be others. */
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { appToken } from '../support/app-token.ts';
import { bundle, type Cast, found, MARK, observation, put, send, type Sent, startCast, to } from './cast.ts';

let cast: Cast;
beforeAll(async () => {
  cast = await startCast();
}, 40_000);
afterAll(() => cast.server.close());

const post = (token: string, body: object | string, path = ''): Promise<Sent> =>
  send(cast, token, 'POST', path, { body });
const isThere = async (name: string): Promise<boolean> =>
  (await send(cast, await cast.server.token('system/*.rs'), 'GET', name)).status === 200;

describe('A page link (attack 14)', () => {
  const nextOf = ({ text }: Sent): string => {
    const { link = [] } = JSON.parse(text) as { link?: { relation: string; url: string }[] };
    return link.find(({ relation }) => relation === 'next')?.url ?? '';
  };
  const follow = async (url: string, token: string): Promise<Sent> => {
    const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  let next = '';
  beforeAll(async () => {
    for (let i = 0; i < 4; i += 1) await put(cast.server, observation(`page${i}`, 'p1'));
    next = nextOf(await send(cast, cast.app, 'GET', 'Observation?_count=1&patient=p1'));
    expect(next).toContain('_cursor=');
  });

  test('is of no use to another caller.', async () => {
    const backend = await cast.server.token('system/*.rs');
    for (const token of [cast.patient, backend]) expect((await follow(next, token)).status).toBe(400);
    expect((await fetch(next)).status).toBe(401);
  });

  test('with one changed character, or for another search, is refused.', async () => {
    const at = next.indexOf('_cursor=') + '_cursor='.length + 20;
    const flipped = next.slice(0, at) + (next[at] === 'A' ? 'B' : 'A') + next.slice(at + 1);
    for (const url of [
      flipped,
      next.replace('patient=p1', 'patient=p2'),
      next.replace('_count=1', '_count=100'),
      next.replace('Observation?', 'Condition?'),
      next.replace(/_cursor=[^&]*/, '_cursor=x'),
    ])
      expect([url, (await follow(url, cast.app)).status]).toEqual([url, 400]);
  });

  test('gives no more than the rights of the moment, in a narrower token of the same app as well.', async () => {
    const narrow = await appToken(cast.server, 'doctor', 'launch/patient patient/Condition.rs');
    expect([400, 403]).toContain((await follow(next, narrow)).status);
    expect((await follow(next, cast.app)).status).toBe(200);
    const server = cast.server.fhir('GET', 'Observation?_count=1');
    const wide = nextOf(await send(cast, cast.doctor, 'GET', 'Observation?_count=1&_sort=_id'));
    expect((await server).status).toBe(200);
    for (let url = wide, i = 0; url !== '' && i < 20; i += 1) {
      const answer = await follow(url, cast.app);
      expect([answer.status, answer.text.includes(MARK)]).toEqual([answer.status, false]);
      url = answer.status === 200 ? nextOf(answer) : '';
    }
  });
});

describe('An entry of a batch is read by the one parser and decided by itself (attack 18)', () => {
  test.each([
    ['GET', '../admin/users'],
    ['GET', '/../../admin'],
    ['GET', '//evil.example/fhir/R4/Patient/p1'],
    ['GET', 'https://evil.example/fhir/R4/Patient/p1'],
    ['GET', 'Patient/../Patient/p2'],
    ['GET', 'Patient/%70%32'],
    ['GET', 'Patient/p2#x'],
    ['GET', 'Patient\\p2'],
    ['GET', ' Patient/p2'],
    ['GET', 'javascript:alert(1)'],
    ['GET', 'Patient/p2'],
    ['GET', 'Patient/p2?_method=DELETE'],
    ['GET', 'Patient/p2/$everything'],
    ['GET', 'Observation/o2/_history'],
    ['GET', '/Patient/p2'],
    ['GET', 'BASE/Patient/p2'],
    ['GET', 'BASE.evil.example/Patient/p2'],
    ['GET', 'metadata'],
    ['GET', '$export'],
    ['GET', 'Group/g/$export'],
    ['GET', 'bulk/x'],
    ['POST', '$export'],
    ['POST', ''],
    ['POST', 'Bundle'],
    ['DELETE', 'Patient/p2'],
    ['DELETE', 'Observation?patient=p2'],
    ['PURGE', 'Patient/p2'],
    ['get', 'Patient/p2'],
  ])('%s %s', async (method, url) => {
    for (const [, token] of cast.all) {
      const nested = bundle('batch', { request: { method: 'DELETE', url: 'Observation/o2' } });
      const resource = method === 'POST' ? { resource: nested } : {};
      const entry = { ...resource, request: { method, url: url.replace('BASE', cast.server.fhirBase) } };
      const fine = { request: { method: 'GET', url: 'Patient/p1' } };
      const answer = await post(token, bundle('batch', entry, fine));
      expect(answer.status).toBe(200);
      const { entry: [first, second] = [] } = JSON.parse(answer.text) as {
        entry?: { response: { status: string } }[];
      };
      expect(answer.text).not.toContain(MARK);
      // What finds nothing to delete is done; everything else is refused.
      expect(first!.response.status).toMatch(
        method === 'DELETE' && url.includes('?') ? /^(204|403)/ : /^40[0-9]/,
      );
      expect(second!.response.status).toMatch(/^200/);
    }
    expect([await isThere('Patient/p2'), await isThere('Observation/o2')]).toEqual([true, true]);
  });
});

describe('A transaction with one forbidden entry does nothing (attack 19)', () => {
  const good = (id: string): object => ({
    resource: observation(id, 'p1'),
    request: { method: 'PUT', url: `Observation/${id}` },
  });
  const bad: readonly (readonly [string, object, number])[] = [
    [
      'a create for another',
      {
        resource: { ...observation('', 'p2'), id: undefined },
        request: { method: 'POST', url: 'Observation' },
      },
      403,
    ],
    [
      'an update of another’s',
      { resource: observation('o2', 'p2'), request: { method: 'PUT', url: 'Observation/o2' } },
      404,
    ],
    ['a deletion of another’s', { request: { method: 'DELETE', url: 'Observation/o2' } }, 404],
    ['a read of another’s', { request: { method: 'GET', url: 'Observation/o2' } }, 404],
    [
      'a type without a right',
      { resource: { resourceType: 'SearchParameter' }, request: { method: 'POST', url: 'SearchParameter' } },
      403,
    ],
    [
      'a conditional reference to another',
      {
        resource: {
          ...observation('', 'p1'),
          id: undefined,
          focus: [to('Patient?identifier=urn:hostile|of-p2')],
        },
        request: { method: 'POST', url: 'Observation' },
      },
      412,
    ],
    [
      'another as its subject by a condition',
      {
        resource: {
          ...observation('', 'p1'),
          id: undefined,
          subject: to('Patient?identifier=urn:hostile|of-p2'),
        },
        request: { method: 'POST', url: 'Observation' },
      },
      412,
    ],
  ];
  test.each(bad)('such as %s.', async (title, entry, status) => {
    const id = `t${bad.findIndex(([name]) => name === title)}`;
    const answer = await post(cast.app, bundle('transaction', good(id), entry));
    expect([answer.status, answer.text.includes(MARK)]).toEqual([status, false]);
    expect([await isThere(`Observation/${id}`), await isThere('Observation/o2')]).toEqual([false, true]);
    const none = JSON.stringify(entry).replaceAll('of-p2', 'none');
    if (none.includes('none'))
      expect((await post(cast.app, bundle('transaction', good(id), JSON.parse(none) as object))).status).toBe(
        status,
      );
  });

  test('and with none it is done.', async () => {
    expect((await post(cast.app, bundle('transaction', good('t9')))).status).toBe(200);
    expect(await isThere('Observation/t9')).toBe(true);
  });
});

describe('A body is one thing to all who read it (attack 20)', () => {
  const own = '"status":"final","code":{"text":"x"}';
  test.each([
    ['another type', 'PUT', 'Observation/o1', '{"resourceType":"Practitioner","id":"o1"}'],
    [
      'another id',
      'PUT',
      'Observation/o1',
      `{"resourceType":"Observation","id":"o2",${own},"subject":{"reference":"Patient/p1"}}`,
    ],
    [
      'no id',
      'PUT',
      'Observation/o1',
      `{"resourceType":"Observation",${own},"subject":{"reference":"Patient/p1"}}`,
    ],
    [
      'the subject twice',
      'POST',
      'Observation',
      `{"resourceType":"Observation",${own},"subject":{"reference":"Patient/p1"},"subject":{"reference":"Patient/p2"}}`,
    ],
    [
      'the subject twice, escaped',
      'POST',
      'Observation',
      `{"resourceType":"Observation",${own},"subject":{"reference":"Patient/p1"},"\\u0073ubject":{"reference":"Patient/p2"}}`,
    ],
    [
      'the reference twice',
      'POST',
      'Observation',
      `{"resourceType":"Observation",${own},"subject":{"reference":"Patient/p1","reference":"Patient/p2"}}`,
    ],
    [
      'the type twice',
      'POST',
      'Observation',
      `{"resourceType":"Observation","resourceType":"Patient",${own}}`,
    ],
    [
      '__proto__',
      'POST',
      'Observation',
      `{"resourceType":"Observation",${own},"__proto__":{"subject":{"reference":"Patient/p1"}}}`,
    ],
    [
      'constructor',
      'POST',
      'Observation',
      `{"resourceType":"Observation",${own},"constructor":{"prototype":{"polluted":true}}}`,
    ],
    [
      'a subject in another case',
      'POST',
      'Observation',
      `{"resourceType":"Observation",${own},"Subject":{"reference":"Patient/p1"}}`,
    ],
    [
      'the entries twice',
      'POST',
      '',
      '{"resourceType":"Bundle","type":"batch","entry":[],"entry":[{"request":{"method":"DELETE","url":"Observation/o1"}}]}',
    ],
    [
      'a patch with __proto__',
      'PATCH',
      'Observation/o1',
      '[{"op":"add","path":"/__proto__/polluted","value":true}]',
    ],
    [
      'a patch of the type',
      'PATCH',
      'Observation/o1',
      '[{"op":"replace","path":"/resourceType","value":"Patient"}]',
    ],
    ['a patch of the id', 'PATCH', 'Observation/o1', '[{"op":"replace","path":"/id","value":"o2"}]'],
  ])('%s is refused.', async (_title, method, path, body) => {
    const headers = method === 'PATCH' ? { 'Content-Type': 'application/json-patch+json' } : {};
    const answer = await send(cast, cast.app, method, path, { body, headers });
    expect([400, 422]).toContain(answer.status);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('and nothing came of it.', async () => {
    const history = await send(cast, cast.app, 'GET', 'Observation/o1/_history');
    expect(found(history)).toEqual(['Observation/o1']);
    expect(history.text).toContain('"versionId":"1"');
  });
});

/** As it stands, without what fetch makes of a URL. */
const raw = (method: string, path: string, headers: Record<string, string> = {}, body = ''): Promise<Sent> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(cast.server.baseUrl);
    const sent = httpRequest(
      { hostname, port, method, path, headers: { Authorization: `Bearer ${cast.app}`, ...headers } },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text, headers: new Headers() }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });

describe('No header and no form of an address makes a request another one (attack 21)', () => {
  const base = '/fhir/R4';
  test.each([
    `${base}//Patient/p2`,
    `//fhir/R4/Patient/p2`,
    `${base}/Patient//p2`,
    `${base}/Patient/p1/../p2`,
    `${base}/Patient/p1/%2e%2e/p2`,
    `${base}/Patient/%2e%2e/Patient/p2`,
    `${base}/Patient/..`,
    `${base}/Patient/%2e`,
    `${base}/../../admin`,
    `${base}/%2e%2e/%2e%2e/oauth2/introspect`,
    `${base}/Patient%2fp2`,
    `${base}/Patient/p2;x=1`,
    `${base};x=1/Patient/p2`,
    `${base}/patient/p2`,
    `${base}/PATIENT/p2`,
    '/FHIR/r4/Patient/p2',
    '/fhir/R4x/Patient/p2',
    '/fhir/r4/Patient/p2',
    `${base}/Patient/p2%00`,
    `${base}/Patient/%E0%A4%A`,
    `${base}/Patient/p2/`,
    `${base}/Patient/p2?`,
    `${base}/Patient/p2#x`,
    `${base}/bulk/../Patient/p2`,
    `${base}/bulk/%2e%2e/Patient/p2`,
    `${base}/metadata/../Patient/p2`,
    `${base}/.well-known/smart-configuration/../../Patient/p2`,
  ])('GET %s', async (path) => {
    const answer = await raw('GET', path);
    expect([400, 403, 404, 405]).toContain(answer.status);
    expect(answer.text).not.toContain(MARK);
  });

  test.each([
    ['GET', 'Observation/o1', { 'X-HTTP-Method-Override': 'DELETE' }, 200],
    ['GET', 'Observation/o1', { 'X-HTTP-Method': 'DELETE', 'X-Method-Override': 'PUT' }, 200],
    ['GET', 'Observation/o1?_method=DELETE', {}, 200],
    [
      'GET',
      'Observation/o1',
      { 'X-Original-URL': '/fhir/R4/Patient/p2', 'X-Rewrite-URL': '/fhir/R4/Patient/p2' },
      200,
    ],
    ['GET', 'Observation/o1', { 'Content-Location': 'Patient/p2', 'X-Forwarded-Prefix': '/admin' }, 200],
    ['GET', 'Observation/o1', { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example' }, 200],
    ['POST', 'Observation/o1', { 'X-HTTP-Method-Override': 'DELETE' }, 405],
    ['POST', 'Observation/o1?_method=DELETE', {}, 405],
    ['TRACE', 'Observation/o1', {}, 405],
    ['DELETE', 'Observation/_search', {}, 405],
  ])('%s %s with %j is answered as what it is.', async (method, path, headers, status) => {
    const answer = await raw(method, `${base}/${path}`, headers);
    expect([answer.status, answer.text.includes(MARK)]).toEqual([status, false]);
    expect(answer.text).not.toContain('evil.example');
    expect(await isThere('Observation/o1')).toBe(true);
  });

  test('A form beside a query narrows it, and neither replaces the rights.', async () => {
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    for (const [query, body] of [
      ['patient=p1', 'patient=p2'],
      ['patient=p2', 'patient=p1'],
      ['', 'patient=p2'],
    ]) {
      const answer = await raw('POST', `${base}/Observation/_search?${query}`, form, body);
      expect([answer.status, found(answer)]).toEqual([200, []]);
    }
  });

  test('A token counts once: not in the query, nor twice, nor beside another.', async () => {
    const { hostname, port } = new URL(cast.server.baseUrl);
    const ask = async (path: string, headers: Record<string, string>): Promise<number> =>
      (await fetch(`http://${hostname}:${port}${base}/${path}`, { headers })).status;
    expect(await ask(`Patient/p1?access_token=${cast.app}`, {})).toBe(401);
    expect(await ask('Patient/p1', { Authorization: `Bearer ${cast.app}, Bearer ${cast.app}` })).toBe(401);
    expect(await ask('Patient/p1', { Cookie: `access_token=${cast.app}` })).toBe(401);
  });
});
