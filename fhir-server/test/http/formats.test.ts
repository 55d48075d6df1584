/** JSON and XML, in and out; HEAD, OPTIONS and $versions. https://hl7.org/fhir/R4/http.html#mime-type */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { OperationOutcome } from '@medplum/fhirtypes';
import { parseXml } from '../../src/fhir/xml/index.ts';
import { startTestServer, type FhirOptions, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  await server.fhir('PUT', 'Observation/x', { body: OBSERVATION, headers: { 'Content-Type': XML } });
}, 30_000);
afterAll(() => server.close());

const XML = 'application/fhir+xml';
const OBSERVATION = `<?xml version="1.0" encoding="UTF-8"?>
<!-- a comment -->
<f:Observation xmlns:f="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml">
  <f:id value="x"/>
  <f:text><f:status value="generated"/><h:div><h:p title="a &lt; b">Fünf &amp; &#60; sechs<h:br/></h:p></h:div></f:text>
  <f:extension url="https://example.org/e"><f:valueDecimal value="1.0E2"/></f:extension>
  <f:status id="s" value="final"><f:extension url="https://example.org/s"><f:valueBoolean value="true"/></f:extension></f:status>
  <f:code><f:text value="line&#10;break &quot;quoted&quot;"/></f:code>
  <f:valueQuantity><f:value value="1.00"/><f:unit value="mg"/></f:valueQuantity>
</f:Observation>`;
const IN_JSON = {
  text: {
    status: 'generated',
    div: '<div xmlns="http://www.w3.org/1999/xhtml"><p title="a &lt; b">Fünf &amp; &lt; sechs<br/></p></div>',
  },
  extension: [{ url: 'https://example.org/e', valueDecimal: 100 }],
  status: 'final',
  _status: { id: 's', extension: [{ url: 'https://example.org/s', valueBoolean: true }] },
  code: { text: 'line\nbreak "quoted"' },
  valueQuantity: { value: 1, unit: 'mg' },
};

const get = (path: string, headers: Record<string, string> = {}) => server.fhir('GET', path, { headers });
const send = (method: string, path: string, body: string, options: FhirOptions = {}) =>
  server.fhir(method, path, { ...options, body, headers: { 'Content-Type': XML, ...options.headers } });

describe('XML', () => {
  test('comes in as what JSON would say, and goes out as it came.', async () => {
    const text = await (await get('Observation/x')).text();
    expect(JSON.parse(text)).toMatchObject(IN_JSON);
    expect(text).toContain('"valueDecimal":1.0E2');
    const response = await get('Observation/x', { Accept: XML });
    expect(response.headers.get('content-type')).toBe(`${XML}; charset=utf-8`);
    const xml = await response.text();
    expect(xml).toContain(
      '<status id="s" value="final"><extension url="https://example.org/s"><valueBoolean value="true"/></extension></status>',
    );
    expect(xml).toContain('<value value="1.00"/>');
    expect(xml).toContain('<div xmlns="http://www.w3.org/1999/xhtml"><p title="a &lt; b">');
    expect(await parseXml(xml)).toMatchObject(IN_JSON);
  });

  test.each([
    ['Observation?_id=x', '<fullUrl'],
    ['Observation/x/_history', '<entry>'],
    ['Observation/x/_history/1', '<Observation'],
    ['Observation/x?_elements=status', '<status'],
    ['metadata', '<CapabilityStatement'],
    ['$versions', '<Parameters'],
    ['Observation/none', '<OperationOutcome'],
    ['Nothing/1', '<OperationOutcome'],
    ['Observation?nosuch=1', '<OperationOutcome'],
  ])('is the form of %s when it is asked for.', async (path, part) => {
    const query = path.includes('?') ? '&' : '?';
    for (const response of [await get(path, { Accept: XML }), await get(`${path}${query}_format=xml`)]) {
      expect(response.headers.get('content-type')).toBe(`${XML}; charset=utf-8`);
      const text = await response.text();
      expect(text).toContain(part);
      expect(await parseXml(text)).toHaveProperty('resourceType');
    }
  });

  test('is a way for transactions, batches, searches by form and patches.', async () => {
    const bundle = (type: string): string =>
      `<Bundle xmlns="http://hl7.org/fhir"><type value="${type}"/><entry><resource><Basic><id value="${type}"/><code><text value="x"/></code></Basic></resource><request><method value="PUT"/><url value="Basic/${type}"/></request></entry></Bundle>`;
    for (const type of ['batch', 'transaction']) {
      const response = await send('POST', '', bundle(type), { headers: { Accept: XML } });
      expect([response.status, await parseXml(await response.text())]).toMatchObject([
        200,
        { type: `${type}-response`, entry: [{ response: { status: '201 Created' } }] },
      ]);
    }
    const patch = `<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/><part><name value="type"/><valueCode value="replace"/></part><part><name value="path"/><valueString value="Basic.code.text"/></part><part><name value="value"/><valueString value="y"/></part></parameter></Parameters>`;
    expect((await send('PATCH', 'Basic/batch', patch)).status).toBe(200);
    expect(await (await get('Basic/batch')).json()).toMatchObject({ code: { text: 'y' } });
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded', Accept: XML };
    const found = await server.fhir('POST', 'Basic/_search', { body: '_id=batch', headers });
    expect(await parseXml(await found.text())).toMatchObject({ resourceType: 'Bundle', entry: [{}] });
  });

  test('has errors in its own form when nothing else is asked for.', async () => {
    const response = await send('POST', 'Basic', '<Basic xmlns="http://hl7.org/fhir"/>', {
      headers: { Accept: XML },
    });
    expect([response.status, await parseXml(await response.text())]).toMatchObject([
      400,
      { resourceType: 'OperationOutcome' },
    ]);
  });

  test('is indented with _pretty.', async () => {
    expect(await (await get('Observation/x?_format=xml&_pretty=true')).text()).toContain(
      '\n  <status id="s" value="final">\n    <extension',
    );
  });
});

const basic = (inside: string, root = ''): string =>
  `<Basic xmlns="http://hl7.org/fhir"${root}>${inside}</Basic>`;
const CODE = '<code><text value="x"/></code>';

describe('XML that is refused, with its place', () => {
  const bomb = Array.from({ length: 10 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`).join('');
  test.each([
    ['a document type', `<!DOCTYPE Basic>${basic(CODE)}`, 'http.body'],
    ['an external entity', `<!DOCTYPE Basic [<!ENTITY x SYSTEM "file:///etc/passwd">]>${basic('<language value="&x;"/>')}`, 'http.body'],
    ['a parameter entity', `<!DOCTYPE Basic [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x"> %x;]>${basic(CODE)}`, 'http.body'],
    ['a billion laughs', `<!DOCTYPE Basic [<!ENTITY e0 "ha">${bomb}]>${basic('<language value="&e10;"/>')}`, 'http.body'],
    ['an unknown entity', basic('<language value="&x;"/>'), 'http.body'],
    ['XInclude', basic('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'), 'Basic.include'],
    ['a processing instruction', `<?xml-stylesheet href="x"?>${basic(CODE)}`, 'http.body'],
    ['an element that is not there', basic('<codes/>'), 'Basic.codes'],
    ['an attribute that is not there', basic('<code values="x"/>'), 'Basic.code'],
    ['another namespace', '<Basic xmlns="http://example.org"/>', 'http.body'],
    ['no namespace', '<Basic/>', 'http.body'],
    ['an element of another namespace', basic('<code xmlns="http://example.org"/>'), 'Basic.code'],
    ['a resource that is not there', '<Basics xmlns="http://hl7.org/fhir"/>', 'http.body'],
    ['text between elements', basic(`text${CODE}`), 'Basic'],
    ['an element twice', basic(CODE + CODE), 'Basic.code'],
    ['an empty element', basic('<code/>'), 'Basic.code'],
    ['a primitive without a value', basic('<language/>'), 'Basic.language'],
    ['an empty value', basic(`${CODE}<language value=""/>`), 'Basic.language'],
    ['an unclosed element', '<Basic xmlns="http://hl7.org/fhir"><code>', 'http.body'],
    ['two roots', basic(CODE) + basic(CODE), 'http.body'],
    ['nothing', ' ', 'http.body'],
    ['a control character', basic('<language value="&#1;"/>'), 'http.body'],
    ['depth', basic(`${'<extension url="x">'.repeat(5_000)}`), 'http.body'],
    ['a wrong boolean', '<Patient xmlns="http://hl7.org/fhir"><active value="1"/></Patient>', 'Patient.active'],
    ['a wrong number', '<Observation xmlns="http://hl7.org/fhir"><status value="final"/><code><text value="x"/></code><valueInteger value="1.5"/></Observation>', 'Observation.valueInteger'],
    ['a narrative in the wrong namespace', basic(`<text><status value="generated"/><div><p>x</p></div></text>${CODE}`), 'Basic.text.div'],
    ['an element of FHIR in a narrative', basic(`<text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><id xmlns="http://hl7.org/fhir" value="x"/></div></text>${CODE}`), 'http.body'],
    ['a script in a narrative', basic(`<text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div></text>${CODE}`), 'Basic.text.div'],
    ['two resources in one place', '<Bundle xmlns="http://hl7.org/fhir"><type value="collection"/><entry><resource><Basic><code><text value="x"/></code></Basic><Basic/></resource></entry></Bundle>', 'http.body'],
  ])('%s', async (_title, body, place) => {
    const type = /<(Patient|Observation|Bundle) /.exec(body)?.[1] ?? 'Basic';
    const response = await send('POST', type, body);
    const { resourceType, issue } = (await response.json()) as OperationOutcome;
    expect([response.status, resourceType]).toEqual([400, 'OperationOutcome']);
    expect(issue.map((i) => i.expression?.[0])).toContain(place);
    expect((await get('Observation/x')).status).toBe(200);
  }); // prettier-ignore

  test('another encoding', async () => {
    const body = `<?xml version="1.0" encoding="ISO-8859-1"?>${basic(CODE)}`;
    expect((await send('POST', 'Basic', body)).status).toBe(415);
    const wrong = new Uint8Array([0xff, 0xfe, ...Buffer.from(basic(CODE), 'utf16le')]);
    expect(
      (await server.fhir('POST', 'Basic', { body: wrong, headers: { 'Content-Type': XML } })).status,
    ).toBe(400);
  });
});

describe('The form of the answer', () => {
  test.each([
    ['*/*', 'json'],
    ['text/*', 'json'],
    [`${XML}, application/fhir+json`, 'xml'],
    ['application/fhir+json;q=0.5, application/xml', 'xml'],
    ['application/fhir+json;q=0, */*', 'xml'],
    ['text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8', 'xml'],
    ['text/html, */*;q=0.1', 'json'],
    [`${XML}; fhirVersion=4.0`, 'xml'],
    [`${XML}; fhirVersion=5.0, application/json; fhirVersion=4.0.1`, 'json'],
    ['*/*;q=0', undefined],
    ['text/html', undefined],
    [`${XML}; fhirVersion=5.0`, undefined],
  ])('goes by Accept: %s', async (accept, expected) => {
    const response = await get('Observation/x', { Accept: accept });
    const type = response.headers.get('content-type')?.split(';')[0];
    expect([response.status, type]).toEqual(
      expected === undefined ? [406, 'application/fhir+json'] : [200, `application/fhir+${expected}`],
    );
  });

  test('goes by _format first, with or without a lost plus sign.', async () => {
    for (const format of ['xml', 'application/fhir+xml', 'application%2Ffhir%2Bxml', 'text/xml'])
      expect(
        (await get(`Observation/x?_format=${format}`, { Accept: 'application/fhir+json' })).headers.get(
          'content-type',
        ),
      ).toContain(XML);
    expect((await get('Observation/x?_format=turtle')).status).toBe(406);
  });
});

describe('HEAD', () => {
  test.each([
    'Observation/x',
    'Observation/x/_history/1',
    'Observation?_id=x',
    'Observation/x/_history',
    'metadata',
    'Observation/none',
    '$versions',
  ])('of %s has the headers of GET and no body.', async (path) => {
    const [head, full] = [await server.fhir('HEAD', path), await get(path)];
    expect([head.status, await head.text()]).toEqual([full.status, '']);
    for (const name of ['content-type', 'etag', 'last-modified'])
      expect(head.headers.get(name)).toBe(full.headers.get(name));
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(10);
  });
});

describe('OPTIONS', () => {
  test.each([
    ['Observation/x', 'GET, HEAD, PUT, PATCH, DELETE'],
    ['Observation', 'GET, HEAD, POST, PUT, PATCH, DELETE'],
    ['Observation/_search', 'POST'],
    ['metadata', 'GET, HEAD'],
    ['', 'GET, HEAD, POST'],
  ])('of %s tells its methods, without a token.', async (path, allow) => {
    const response = await server.fhir('OPTIONS', path, { token: null });
    expect([response.status, response.headers.get('allow')]).toEqual([204, allow]);
  });

  test('of a page elsewhere lets it patch.', async () => {
    const headers = { Origin: 'https://app.example', 'Access-Control-Request-Method': 'PATCH' };
    const response = await server.fhir('OPTIONS', 'Observation/x', { token: null, headers });
    expect(response.headers.get('access-control-allow-methods')).toContain('PATCH');
  });
});

test('$versions needs no token.', async () => {
  for (const method of ['GET', 'POST'])
    expect(await (await server.fhir(method, '$versions', { token: null })).json()).toMatchObject({
      parameter: [
        { name: 'version', valueCode: '4.0' },
        { name: 'default', valueCode: '4.0' },
      ],
    });
});

test('A Binary is a resource in XML when that is asked for.', async () => {
  const binary = `<Binary xmlns="http://hl7.org/fhir"><contentType value="text/plain"/><data value="aGk="/></Binary>`;
  const made = await send('POST', 'Binary', binary);
  expect(made.status).toBe(201);
  const { id } = (await made.json()) as { id: string };
  expect(await (await get(`Binary/${id}`)).text()).toBe('hi');
  expect(await (await get(`Binary/${id}`, { Accept: XML })).text()).toContain('<data value="aGk="/>');
});
