/** Attacks by content: entities and depth, scripts that are stored, text that would be code, names that would be paths. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addRights, userToken } from '../support/rights.ts';
import { CLINIC } from '../support/server.ts';
import { type Cast, found, observation, put, send, type Sent, startCast, to } from './cast.ts';

let cast: Cast;
let all: string;
beforeAll(async () => {
  cast = await startCast({ BODY_SIZE_MAX_BYTES: '2000000' });
  all = await cast.server.token('system/*.cruds');
}, 40_000);
afterAll(() => cast.server.close());

const post = (path: string, body: string | Uint8Array<ArrayBuffer> | object, headers = {}): Promise<Sent> =>
  send(cast, all, 'POST', path, { body, headers });
const XML = { 'Content-Type': 'application/fhir+xml' };
const XHTML = 'xmlns="http://www.w3.org/1999/xhtml"';
const patientXml = (before: string, inside: string): string =>
  `${before}<Patient xmlns="http://hl7.org/fhir">${inside}</Patient>`;

/** Neither long nor large, whatever is sent. */
async function quickly(work: () => Promise<Sent>): Promise<Sent> {
  const [start, heap] = [performance.now(), process.memoryUsage().rss];
  const answer = await work();
  expect(performance.now() - start).toBeLessThan(10_000);
  expect(process.memoryUsage().rss - heap).toBeLessThan(300 * 1024 * 1024);
  return answer;
}

describe('Entities and expansion (attack 27)', () => {
  const laughs = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join(
    '',
  );
  test.each([
    ['a DOCTYPE', patientXml('<!DOCTYPE Patient>', '')],
    [
      'an external entity',
      patientXml('<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]>', '<language value="&x;"/>'),
    ],
    [
      'an entity of another host',
      patientXml('<!DOCTYPE p [<!ENTITY x SYSTEM "http://127.0.0.1:1/x">]>', '<language value="&x;"/>'),
    ],
    ['a parameter entity', patientXml('<!DOCTYPE p [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x"> %x;]>', '')],
    ['a DTD of another host', patientXml('<!DOCTYPE p SYSTEM "http://127.0.0.1:1/x.dtd">', '')],
    ['a billion laughs', patientXml(`<!DOCTYPE p [<!ENTITY l0 "ha">${laughs}]>`, '<language value="&l9;"/>')],
    [
      'an inclusion',
      patientXml(
        '',
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>',
      ),
    ],
    [
      'a style sheet',
      patientXml('<?xml-stylesheet href="http://127.0.0.1:1/x"?>', '<language value="&nope;"/>'),
    ],
    [
      'a narrative with a DOCTYPE',
      patientXml('', `<text><status value="generated"/><!DOCTYPE x><div ${XHTML}>x</div></text>`),
    ],
  ])('%s in XML is refused', async (_title, body) => {
    const answer = await quickly(() => post('Patient', body, XML));
    expect(answer.status).toBe(400);
    expect(answer.text).not.toMatch(/root:|haha/);
  });

  test.each([
    ['an entity', `<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><div ${XHTML}>&x;</div>`],
    ['an unknown entity', `<div ${XHTML}>&x;</div>`],
    [
      'an inclusion',
      `<div ${XHTML}><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/></div>`,
    ],
  ])('%s in a narrative in JSON is refused', async (_title, div) => {
    expect(
      (await post('Patient', { resourceType: 'Patient', text: { status: 'generated', div } })).status,
    ).toBe(400);
  });

  test('An attached CDA document stays text: nobody reads it', async () => {
    const cda =
      '<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]><ClinicalDocument>&x;</ClinicalDocument>';
    const made = await post('Binary', cda, { 'Content-Type': 'application/hl7-cda+xml' });
    const id = (JSON.parse(made.text) as { id: string }).id;
    const got = await send(cast, all, 'GET', `Binary/${id}`, {
      headers: { Accept: 'application/hl7-cda+xml' },
    });
    expect([made.status, got.text]).toEqual([201, cda]);
  });

  test('A small body that unpacks to a large one, and JSON of 10,000 levels, end at once', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '));
    const packed = await quickly(() => post('Patient', new Uint8Array(bomb), { 'Content-Encoding': 'gzip' }));
    expect([400, 413]).toContain(packed.status);
    const deep = await quickly(() =>
      post('Patient', `{"resourceType":"Patient","x":${'['.repeat(10_000)}${']'.repeat(10_000)}}`),
    );
    expect(deep.status).toBe(400);
    const xml = await quickly(() =>
      post('Patient', patientXml('', '<extension url="x">'.repeat(10_000)), XML),
    );
    expect(xml.status).toBe(400);
  });
});

describe('Scripts that are stored (attack 28)', () => {
  test.each([
    '<script>alert(1)</script>',
    '<p onclick="alert(1)">x</p>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="JaVaScRiPt:alert(1)">x</a>',
    '<a href=" &#106;avascript:alert(1)">x</a>',
    '<a href="java&#10;script:alert(1)">x</a>',
    '<a href="data:text/html,x">x</a>',
    '<img src="x" onerror="alert(1)" alt="x"/>',
    '<img src="data:image/svg+xml,x" alt="x"/>',
    '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    '<svg:svg xmlns:svg="http://www.w3.org/2000/svg"><svg:script>1</svg:script></svg:svg>',
    '<iframe src="https://evil.example"/>',
    '<form action="https://evil.example"><input/></form>',
    '<p style="background:url(javascript:alert(1))">x</p>',
    '<p style="width:expression(alert(1))">x</p>',
    '<object data="x"/>',
    '<link rel="stylesheet" href="https://evil.example/x.css"/>',
    '<meta http-equiv="refresh" content="0"/>',
    '<base href="https://evil.example"/>',
    '<x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>',
  ])('are refused in a narrative, in JSON and XML: %s', async (inner) => {
    const div = `<div ${XHTML}>${inner}</div>`;
    const json = await post('Patient', { resourceType: 'Patient', text: { status: 'generated', div } });
    const xml = await post('Patient', patientXml('', `<text><status value="generated"/>${div}</text>`), XML);
    expect([json.status, xml.status]).toEqual([400, 400]);
    for (const { text } of [json, xml]) expect(text).not.toContain('alert(1)');
  });

  test.each([
    'text/html',
    'image/svg+xml',
    'application/xhtml+xml',
    'text/xml',
    'text/javascript',
    'text/html; charset=utf-7',
  ])('are content of a Binary that no browser runs: %s', async (type) => {
    const script = '<script>alert(1)</script>';
    const made = await post('Binary', script, { 'Content-Type': type });
    expect(made.status).toBe(201);
    const { id } = JSON.parse(made.text) as { id: string };
    const got = await send(cast, all, 'GET', `Binary/${id}`, { headers: { Accept: '*/*' } });
    expect(got.text).toBe(script);
    expect(got.headers.get('x-content-type-options')).toBe('nosniff');
    expect(got.headers.get('content-disposition')).toMatch(/^attachment/);
    expect(got.headers.get('content-security-policy')).toMatch(/sandbox/);
  });

  test.each(['text/html\r\nX-Evil: 1', 'text/html\nSet-Cookie: a=b', 'not a type'])(
    'cannot be headers of a Binary: %j',
    async (contentType) => {
      const made = await post('Binary', { resourceType: 'Binary', contentType, data: 'eA==' });
      if (made.status === 400) return;
      const { id } = JSON.parse(made.text) as { id: string };
      const got = await send(cast, all, 'GET', `Binary/${id}`, { headers: { Accept: '*/*' } });
      expect([got.headers.get('x-evil'), got.headers.get('set-cookie'), got.status]).toEqual([
        null,
        null,
        200,
      ]);
    },
  );

  test('Errors are no pages, and an answer says its type', async () => {
    for (const path of [
      '<script>alert(1)</script>',
      'Patient?<script>=1',
      'Patient/%3Cscript%3E',
      'Patient?_sort=<b>',
    ]) {
      const answer = await send(cast, all, 'GET', path, { headers: { Accept: 'text/html' } });
      expect(answer.headers.get('content-type')).toMatch(/^application\/fhir\+json|^$/);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    }
  });
});

const CODE = [
  `' or '1'='1`,
  `'; drop table fhir."Patient"; --`,
  '"',
  '\\',
  '%',
  '_',
  '$1',
  '${x}',
  '$$',
  '{$gt:0}',
  '*',
  '(a+)+$',
  '\u2028',
  '🙂',
];

describe('Text that would be code (attack 29)', () => {
  test('is text in a JSON Patch, in its paths and values', async () => {
    await put(cast.server, observation('inj', 'p1'));
    for (const text of CODE) {
      const at = { 'Content-Type': 'application/json-patch+json' };
      const path = `/code/${text.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const byPath = await send(cast, all, 'PATCH', 'Observation/inj', {
        headers: at,
        body: JSON.stringify([{ op: 'replace', path, value: 'x' }]),
      });
      expect([text, [400, 422].includes(byPath.status)]).toEqual([text, true]);
      const byValue = await send(cast, all, 'PATCH', 'Observation/inj', {
        headers: at,
        body: JSON.stringify([{ op: 'replace', path: '/code/text', value: text }]),
      });
      expect([byValue.status, (JSON.parse(byValue.text) as { code: { text: string } }).code.text]).toEqual([
        200,
        text,
      ]);
    }
  });

  test.each([
    ...CODE,
    'Patient.name.where(family.matches("(a+)+$"))',
    'Observation.code.text.replaceMatches("(.*)*x", "")',
    'Observation.repeat(descendants())',
    '%resource.descendants().descendants().descendants()',
    '(1|2|3).repeat($this)',
    'resolve()',
    "memberOf('http://127.0.0.1:1/')",
    `Observation${'.where(true)'.repeat(2_000)}`,
    '('.repeat(5_000),
    'iif(true, Observation.code.text, Observation.code)'.repeat(20),
  ])('is no path of a FHIRPath Patch that does anything else: %s', async (path) => {
    const part = [
      { name: 'type', valueCode: 'replace' },
      { name: 'path', valueString: path },
      { name: 'value', valueString: 'x' },
    ];
    const body = { resourceType: 'Parameters', parameter: [{ name: 'operation', part }] };
    const answer = await quickly(() => send(cast, all, 'PATCH', 'Observation/inj', { body }));
    expect([400, 422]).toContain(answer.status);
  });

  test('is a value in conditions, in references and in form searches', async () => {
    for (const text of CODE) {
      const encoded = encodeURIComponent(text);
      const none = await send(cast, all, 'PUT', `Observation?identifier=urn:x|${encoded}&_id=none`, {
        body: { ...observation('', 'p1'), id: undefined, subject: to('Patient/p1') },
      });
      expect([200, 201, 400]).toContain(none.status);
      const form = await send(cast, all, 'POST', 'Patient/_search', {
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: `name=${encoded}&_sort=${encoded}`,
      });
      expect([200, 400]).toContain(form.status);
    }
    expect(found(await send(cast, all, 'GET', 'Patient?_id=p1,p2'))).toEqual(['Patient/p1', 'Patient/p2']);
  });

  test('gives no right as a value of a policy’s variable', async () => {
    const rules = [
      {
        resourceType: 'Observation',
        interactions: ['search-type', 'read'] as const,
        criteria: 'performer=%practitioner',
      },
    ];
    const names = ['x&_id:not=none', `x' or '1'='1`, 'x,Practitioner/doc', 'x|y', '%', '*'];
    await addRights(cast.server, {
      policies: [{ name: 'own', rules }],
      users: names.map((name, i) => ({
        username: `own${i}`,
        role: 'own',
        fhirUser: `Practitioner/${name}`,
        organization: CLINIC,
      })),
    });
    for (const i of names.keys()) {
      const answer = await send(cast, await userToken(cast.server, `own${i}`), 'GET', 'Observation');
      expect([200, 403]).toContain(answer.status);
      // Two values after each other are two values: an account is only made with one.
      if (answer.status === 200 && !names[i]!.includes(',')) expect(found(answer)).toEqual([]);
    }
  });

  test('is text in $graphql and in terminology operations', async () => {
    for (const text of CODE) {
      const query = `{PatientList(name:${JSON.stringify(text)}){id}}`;
      expect([200, 400]).toContain(
        (await send(cast, all, 'GET', `$graphql?query=${encodeURIComponent(query)}`)).status,
      );
      const filter = encodeURIComponent(text);
      const expanded = await quickly(() =>
        send(
          cast,
          all,
          'GET',
          `ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender&filter=${filter}`,
        ),
      );
      expect([200, 400, 422]).toContain(expanded.status);
    }
  });
});

describe('Names that would be paths (attack 30)', () => {
  test.each(['../../x', '..', '.', '%2e%2e%2fx', '/etc/passwd', 'a/../../x', 'a\\..\\x'])(
    '%s is no id',
    async (id) => {
      const body = { resourceType: 'Binary', id, contentType: 'text/plain', data: 'eA==' };
      const encoded = encodeURIComponent(id).replaceAll('.', '%2e');
      const answer = await send(cast, all, 'PUT', `Binary/${encoded}`, { body });
      expect([400, 404, 405]).toContain(answer.status);
      const entry = { resource: body, request: { method: 'PUT', url: `Binary/${id}` } };
      const inBatch = await post('', { resourceType: 'Bundle', type: 'batch', entry: [entry] });
      expect(inBatch.text).toMatch(/"status":"40[045]/);
    },
  );
});
