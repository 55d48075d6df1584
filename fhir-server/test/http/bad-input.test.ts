/** What is wrong is refused, with the place of the fault, and leaves nothing behind. https://hl7.org/fhir/R4/http.html#Status-Codes */
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { OperationOutcome } from '@medplum/fhirtypes';
import pg from 'pg';
import { startTestServer, type TestServer } from '../support/server.ts';

type Body = string | Uint8Array<ArrayBuffer>;

let server: TestServer;
let database: pg.Client;

beforeAll(async () => {
  server = await startTestServer();
  database = new pg.Client({ connectionString: server.databaseUrl });
  await database.connect();
  const body = { resourceType: 'Patient', id: 'there', active: true };
  expect((await server.fhir('PUT', 'Patient/there', { body })).status).toBe(201);
}, 30_000);

afterAll(async () => {
  await database.end();
  await server.close();
});

async function stored(): Promise<string> {
  const { rows } = await database.query<{ name: string }>(
    `select schemaname || '."' || tablename || '"' as name from pg_tables where schemaname = 'fhir' order by 1`,
  );
  const counts = await Promise.all(
    rows.map(async ({ name }) => (await database.query(`select 1 from ${name}`)).rowCount),
  );
  return counts.join();
}

/** `status code place`, of the first issue. */
const told = (status: number, text: string): string => {
  const { resourceType, issue } = JSON.parse(text) as OperationOutcome;
  expect([resourceType, text.length < 10_000, issue[0]?.diagnostics]).toEqual(['OperationOutcome', true, expect.any(String)]); // prettier-ignore
  return [status, issue[0]?.code, ...(issue[0]?.expression ?? [])].join(' ');
};

async function send(method: string, path: string, body?: Body, headers: Record<string, string> = {}) {
  const options = { headers, ...(body === undefined ? {} : { body }) };
  const response = await server.fhir(method, path, options);
  return told(response.status, await response.text());
}

const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part as string))));
const patient = (members: string): string => `{"resourceType":"Patient",${members}}`;
const family = (literal: string): string => patient(`"name":[{"family":${literal}}]`);
const observation = (value: string): string =>
  `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":${value}}}`;
const extensions = (depth: number): string =>
  patient(`"extension":${'[{"url":"http://x.example","extension":'.repeat(depth)}[]${'}]'.repeat(depth)}`);

/** All refusals of a group leave the database as it was. */
function refuses<Row extends readonly [string, ...unknown[]]>(
  title: string,
  rows: readonly Row[],
  answer: (row: Row) => Promise<string>,
): void {
  describe(title, () => {
    let before: string;
    beforeAll(async () => {
      before = await stored();
    });
    test.each(rows.map((row) => [row[0], row] as const))('%s', async (_name, row) => {
      expect(await answer(row)).toBe(row.at(-1));
    });
    test('Nothing of it is there.', async () => {
      expect(await stored()).toBe(before);
    });
  });
}

const NO_JSON = '400 invalid http.body';
const NO_UTF8 = '400 invalid http.body';

refuses<readonly [string, Body, string]>(
  'JSON that is none, or no Patient',
  [
    ['nothing', '', NO_JSON],
    ['white space', ' \n ', NO_JSON],
    ['cut off', '{"resourceType":"Patient","name":[{"family":"A"', NO_JSON],
    ['something behind it', `${patient('"active":true')}x`, NO_JSON],
    ['two of them', patient('"active":true').repeat(2), NO_JSON],
    ['a comment', patient('/* hi */"active":true'), NO_JSON],
    ['NaN', patient('"multipleBirthInteger":NaN'), NO_JSON],
    ['single quotes', "{'resourceType':'Patient'}", NO_JSON],
    ['XML', '<Patient xmlns="http://hl7.org/fhir"/>', NO_JSON],
    ['null', 'null', '400 invalid Patient'],
    ['an array', '[]', '400 invalid Patient'],
    ['a string', '"Patient"', '400 invalid Patient'],
    ['a number', '1', '400 invalid Patient'],
    ['no type', '{}', '400 invalid Patient.resourceType'],
    ['a number as type', '{"resourceType":1}', '400 invalid Patient.resourceType'],
    ['__proto__ as type', '{"resourceType":"__proto__"}', '400 invalid Patient.resourceType'],
    ['constructor as type', '{"resourceType":"constructor"}', '400 invalid Patient.resourceType'],
    ['another type', '{"resourceType":"Observation"}', '400 invalid Patient.resourceType'],
    ['an abstract type', '{"resourceType":"Resource"}', '400 invalid Patient.resourceType'],
    ['an unknown type inside', patient('"contained":[{"resourceType":"Nonsense","id":"a"}]'), '400 structure Patient.contained[0]'], // prettier-ignore
    ['a member twice', patient('"active":true,"active":false'), '400 structure Patient.active'],
    ['a member twice, escaped', patient('"active":true,"\\u0061ctive":false'), '400 structure Patient.active'], // prettier-ignore
    ['the type twice', patient('"resourceType":"Patient"'), '400 structure Patient.resourceType'],
    ['__proto__', patient('"__proto__":{"active":true}'), '400 structure Patient.__proto__'],
    ['__proto__ inside', patient('"name":[{"__proto__":{"family":"x"}}]'), '400 structure Patient.name[0].__proto__'], // prettier-ignore
    ['constructor', patient('"constructor":{"prototype":{}}'), '400 structure Patient.constructor'],
    ['toString', patient('"toString":"x"'), '400 structure Patient.toString'],
    ['hasOwnProperty', patient('"hasOwnProperty":true'), '400 structure Patient.hasOwnProperty'],
    ['1,000 levels', extensions(1_000), '400 too-long Patient'],
    ['a million levels', patient(`"x":${'['.repeat(1_000_000)}`), NO_JSON],
    ['a NUL, escaped', family('"A\\u0000B"'), '400 value Patient.name[0].family'],
    ['a NUL', bytes(patient('"name":[{"family":"A').slice(0, -1), [0], '"}]}'), NO_JSON],
    ['a NUL in a name', patient('"na\\u0000me":[]'), '400 structure Patient.na?me'],
    ['half a surrogate pair, the first', family('"A\\ud800"'), '400 value Patient.name[0].family'],
    ['half a surrogate pair, the second', family('"\\udc00A"'), '400 value Patient.name[0].family'],
    ['half a surrogate pair as a name', patient('"\\ud800":1'), '400 structure Patient.?'],
    ['a surrogate in UTF-8', bytes('{"resourceType":"', [0xed, 0xa0, 0x80], '"}'), NO_UTF8],
    ['bytes that are no UTF-8', bytes('{"resourceType":"', [0xff, 0xfe], '"}'), NO_UTF8],
    ['an overlong NUL', bytes('{"resourceType":"', [0xc0, 0x80], '"}'), NO_UTF8],
    ['a character cut off', bytes('{"resourceType":"', [0xe2, 0x82]), NO_UTF8],
    ['UTF-16', new Uint8Array(Buffer.from(`\ufeff${patient('"active":true')}`, 'utf16le')), NO_UTF8],
  ],
  ([, body]) => send('POST', 'Patient', body),
);

refuses<readonly [string, string, string]>(
  'Values that are none',
  [
    ['an integer of 400 digits', patient('"multipleBirthInteger":1e400'), '400 value Patient.multipleBirthInteger'], // prettier-ignore
    ['an integer of 33 bits', patient('"multipleBirthInteger":2147483648'), '400 value Patient.multipleBirthInteger'], // prettier-ignore
    ['an integer with a fraction', patient('"multipleBirthInteger":1.5'), '400 value Patient.multipleBirthInteger'], // prettier-ignore
    ['an integer with a point', patient('"multipleBirthInteger":1.0'), '400 value Patient.multipleBirthInteger'], // prettier-ignore
    ['an integer with an exponent', patient('"multipleBirthInteger":1e2'), '400 value Patient.multipleBirthInteger'], // prettier-ignore
    ['an integer as text', patient('"multipleBirthInteger":"1"'), '400 value Patient.multipleBirthInteger'], // prettier-ignore
    ['1e400', observation('1e400'), '400 value Observation.valueQuantity.value'],
    ['10,000 digits', observation('9'.repeat(10_000)), '400 value Observation.valueQuantity.value'],
    ['a decimal as text', observation('"1"'), '400 value Observation.valueQuantity.value'],
    ['30 February', patient('"birthDate":"2023-02-30"'), '400 value Patient.birthDate'],
    ['29 February of no leap year', patient('"birthDate":"2023-02-29"'), '400 value Patient.birthDate'],
    ['month 13', patient('"birthDate":"2023-13"'), '400 value Patient.birthDate'],
    ['the year 0', patient('"birthDate":"0000"'), '400 value Patient.birthDate'],
    ['a date of other form', patient('"birthDate":"02/30/2023"'), '400 value Patient.birthDate'],
    ['a date and a line feed', patient('"birthDate":"2023-02-03\\n"'), '400 value Patient.birthDate'],
    ['24:00', patient('"deceasedDateTime":"2023-02-03T24:00:00Z"'), '400 value Patient.deceasedDateTime'],
    ['a zone of 15 hours', patient('"deceasedDateTime":"2023-02-03T10:00:00+15:00"'), '400 value Patient.deceasedDateTime'], // prettier-ignore
    ['a time without a zone', patient('"deceasedDateTime":"2023-02-03T10:00:00"'), '400 value Patient.deceasedDateTime'], // prettier-ignore
    ['text for a boolean', patient('"active":"true"'), '400 value Patient.active'],
    ['null', patient('"active":null'), '400 value Patient.active'],
    ['null in an array', patient('"name":[null]'), '400 structure Patient.name[0]'],
    ['an object for an array', patient('"name":{"family":"x"}'), '400 structure Patient.name'],
    ['an array for an object', patient('"maritalStatus":[{"text":"x"}]'), '400 structure Patient.maritalStatus'], // prettier-ignore
    ['an array in an array', patient('"name":[[{"family":"x"}]]'), '400 structure Patient.name[0]'],
    ['an empty array', patient('"name":[]'), '400 structure Patient.name'],
    ['an empty object', patient('"name":[{}]'), '400 structure Patient.name[0]'],
    ['an empty string', family('""'), '400 value Patient.name[0].family'],
    ['an unknown code', patient('"gender":"man"'), '400 code-invalid Patient.gender'],
    ['two of a choice', patient('"deceasedBoolean":true,"deceasedDateTime":"2020"'), '400 structure Patient.deceasedDateTime'], // prettier-ignore
    ['an unknown element', patient('"nonsense":1'), '400 structure Patient.nonsense'],
    ['a boolean beside a primitive', patient('"_active":true'), '400 structure Patient.active'],
    ['an underscore on an object', patient('"_name":[{"id":"x"}]'), '400 structure Patient._name'],
    ['a script', patient('"text":{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\"><script>x</script></div>"}'), '400 value Patient.text.div'], // prettier-ignore
  ],
  ([, body]) => send('POST', body.includes('"Observation"') ? 'Observation' : 'Patient', body),
);

const xml = (inner: string): string => `<Patient xmlns="http://hl7.org/fhir">${inner}</Patient>`;
const NO_XML = '400 invalid http.body';

refuses<readonly [string, Body, string]>(
  'XML that is none, or no Patient (attack 27)',
  [
    ['JSON', patient('"active":true'), NO_XML],
    ['cut off', '<Patient xmlns="http://hl7.org/fhir"><active value="tr', NO_XML],
    ['without an end', '<Patient xmlns="http://hl7.org/fhir"><active value="true"/>', NO_XML],
    ['with another end', '<Patient xmlns="http://hl7.org/fhir"></Observation>', NO_XML],
    ['in no namespace', '<Patient><active value="true"/></Patient>', NO_XML],
    ['in another namespace', '<Patient xmlns="http://x.example"/>', NO_XML],
    ['a document type', `<!DOCTYPE Patient>${xml('')}`, NO_XML],
    ['an external entity', `<!DOCTYPE Patient [<!ENTITY e SYSTEM "file:///etc/passwd">]>${xml('<name><family value="&e;"/></name>')}`, NO_XML], // prettier-ignore
    ['entities of entities', `<!DOCTYPE l [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>${xml('<name><family value="&b;"/></name>')}`, NO_XML], // prettier-ignore
    ['an unknown entity', xml('<name><family value="&nope;"/></name>'), NO_XML],
    ['a processing instruction', xml('<?php hi ?><active value="true"/>'), NO_XML],
    ['a NUL', xml('<name><family value="&#0;"/></name>'), NO_XML],
    ['half a surrogate pair', xml('<name><family value="&#xD800;"/></name>'), NO_XML],
    ['100,000 levels', xml('<extension url="http://x.example">'.repeat(100_000)), NO_XML],
    ['an attribute twice', xml('<active value="true" value="false"/>'), NO_XML],
    ['bytes that are no UTF-8', bytes('<Patient xmlns="http://hl7.org/fhir"><id value="', [0xff], '"/></Patient>'), NO_XML], // prettier-ignore
    ['another encoding', `<?xml version="1.0" encoding="UTF-16"?>${xml('')}`, '415 not-supported http.body'],
    ['an unknown type', '<Nonsense xmlns="http://hl7.org/fhir"/>', NO_XML],
    ['an unknown element', xml('<nonsense value="1"/>'), '400 invalid Patient.nonsense'],
    ['text', xml('hello'), '400 invalid Patient'],
    ['an unknown attribute', xml('<active value="true" nonsense="1"/>'), '400 invalid Patient.active'],
    ['an element twice', xml('<active value="true"/><active value="false"/>'), '400 invalid Patient.active'],
    ['no boolean', xml('<active value="yes"/>'), '400 value Patient.active'],
    ['no date', xml('<birthDate value="2023-02-30"/>'), '400 value Patient.birthDate'],
    ['a script', xml('<text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div></text>'), '400 value Patient.text.div'], // prettier-ignore
  ],
  ([, body]) => send('POST', 'Patient', body, { 'Content-Type': 'application/fhir+xml' }),
);

const SPACES = Buffer.alloc(100_000_000, ' ');
const OF_TYPE = '415 not-supported http.Content-Type';

refuses<readonly [string, Body, Readonly<Record<string, string>>, string]>(
  'Bodies that are not taken',
  [
    ['100 MB', new Uint8Array(SPACES), {}, '413 too-long http.body'],
    ['100 MB, packed', new Uint8Array(gzipSync(SPACES)), { 'Content-Encoding': 'gzip' }, '413 too-long http.body'], // prettier-ignore
    ['packed that is not', patient('"active":true'), { 'Content-Encoding': 'gzip' }, '400 invalid http.body'],
    ['packed otherwise', patient('"active":true'), { 'Content-Encoding': 'zstd' }, '415 not-supported http.Content-Encoding'], // prettier-ignore
    ['__proto__ as encoding', patient('"active":true'), { 'Content-Encoding': '__proto__' }, '415 not-supported http.Content-Encoding'], // prettier-ignore
    ['plain text', patient('"active":true'), { 'Content-Type': 'text/plain' }, OF_TYPE],
    ['a picture', patient('"active":true'), { 'Content-Type': 'image/png' }, OF_TYPE],
    ['a form', 'active=true', { 'Content-Type': 'application/x-www-form-urlencoded' }, OF_TYPE],
    ['no type at all', patient('"active":true'), { 'Content-Type': ';;;' }, OF_TYPE],
    ['another charset', patient('"active":true'), { 'Content-Type': 'application/fhir+json; charset=iso-8859-1' }, OF_TYPE], // prettier-ignore
    ['another version of FHIR', patient('"active":true'), { 'Content-Type': 'application/fhir+json; fhirVersion=3.0' }, OF_TYPE], // prettier-ignore
  ],
  ([, body, headers]) => send('POST', 'Patient', body, headers),
);

const entries = (...texts: readonly string[]): string =>
  `{"resourceType":"Bundle","type":"transaction","entry":[${texts.join()}]}`;
const post = (active: string): string =>
  `{"resource":{"resourceType":"Patient","active":${active}},"request":{"method":"POST","url":"Patient"}}`;
const get = (url: string): string => `{"request":{"method":"GET","url":${JSON.stringify(url)}}}`;

refuses<readonly [string, string, string]>(
  'Bundles that cannot be run',
  [
    ['no type', '{"resourceType":"Bundle"}', '400 invalid Bundle.type'],
    ['an unknown type', '{"resourceType":"Bundle","type":"nonsense"}', '400 invalid Bundle.type'],
    ['a searchset', '{"resourceType":"Bundle","type":"searchset"}', '400 invalid Bundle.type'],
    ['a Patient', patient('"active":true'), '400 invalid Bundle'],
    ['an object of entries', '{"resourceType":"Bundle","type":"transaction","entry":{}}', '400 invalid Bundle.entry'], // prettier-ignore
    ['null as entry', entries('null'), '400 invalid Bundle.entry[0]'],
    ['no request', entries('{"resource":{"resourceType":"Patient"}}'), '400 invalid Bundle.entry[0].request'],
    ['no method', entries('{"request":{"method":"STEAL","url":"Patient"}}'), '400 invalid Bundle.entry[0].request.method'], // prettier-ignore
    ['a way out', entries(get('../../oauth2')), '400 invalid Bundle.entry[0].request.url'],
    ['another server', entries(get('http://evil.example/Patient')), '400 invalid Bundle.entry[0].request.url'], // prettier-ignore
    ['a malformed escape', entries(get('Patient?family=%E0%A4%A')), '400 invalid Bundle.entry[0].request.url'], // prettier-ignore
    ['a Bundle in it', entries('{"resource":{"resourceType":"Bundle","type":"batch"},"request":{"method":"POST","url":""}}'), '400 invalid Bundle.entry[0].request.url'], // prettier-ignore
    ['one bad after many good', entries(...Array<string>(50).fill(post('true')), post('"yes"')), '400 value Bundle.entry[50].resource.active'], // prettier-ignore
    ['a condition of nonsense', entries(post('true').replace('"Patient"}}', '"Patient","ifNoneExist":"nonsense=1"}}')), '400 not-supported nonsense'], // prettier-ignore
    ['one address twice', entries(...Array<string>(2).fill('{"request":{"method":"DELETE","url":"Patient/there"}}')), '400 invalid Bundle.entry[1].request.url'], // prettier-ignore
  ],
  ([, body]) => send('POST', '', body),
);

const JSON_PATCH = { 'Content-Type': 'application/json-patch+json' };

refuses<readonly [string, string, string, Body | undefined, Readonly<Record<string, string>>, string]>(
  'Requests that make no sense',
  [
    ['an unknown type', 'GET', 'Nonsense', undefined, {}, '404 not-found'],
    ['an unknown type to write', 'POST', 'Nonsense', '{"resourceType":"Nonsense"}', {}, '404 not-found'],
    ['an abstract type', 'GET', 'DomainResource', undefined, {}, '404 not-found'],
    ['__proto__ as type', 'GET', '__proto__', undefined, {}, '404 not-found'],
    ['constructor as type', 'GET', 'constructor/1', undefined, {}, '404 not-found'],
    ['toString as type', 'GET', 'toString', undefined, {}, '404 not-found'],
    ['an unknown operation', 'POST', '$nonsense', '{"resourceType":"Parameters"}', {}, '404 not-found'],
    ['an unknown operation of a type', 'GET', 'Patient/$nonsense', undefined, {}, '404 not-found'],
    ['__proto__ as operation', 'GET', 'Patient/$__proto__', undefined, {}, '404 not-found'],
    ['a longer path', 'GET', 'Patient/a/b/c/d/e', undefined, {}, '404 not-found'],
    ['an unknown version', 'GET', 'Patient/there/_history/x%27', undefined, {}, '404 not-found'],
    ['a huge version', 'GET', 'Patient/there/_history/99999999999999999999', undefined, {}, '404 not-found'],
    ['a NUL in an id', 'GET', 'Patient/a%00b', undefined, {}, '400 invalid Patient.id'],
    ['a malformed escape', 'GET', 'Patient/%E0%A4%A', undefined, {}, '400 invalid http.url'],
    [
      'a malformed escape in a query',
      'GET',
      'Patient?family=%E0%A4%A',
      undefined,
      {},
      '400 invalid http.url',
    ],
    ['a malformed escape in a form', 'POST', 'Patient/_search', 'family=%E0', { 'Content-Type': 'application/x-www-form-urlencoded' }, '400 invalid http.body'], // prettier-ignore
    ['JSON as a form', 'POST', 'Patient/_search', '{}', {}, OF_TYPE],
    ['another method', 'PROPFIND', 'Patient', undefined, {}, '405 not-supported'],
    ['another form', 'GET', 'Patient/there', undefined, { Accept: 'image/png' }, '406 not-supported http.Accept'], // prettier-ignore
    ['another _format', 'GET', 'Patient?_format=pdf', undefined, {}, '406 not-supported _format'],
    ['an id of 65 characters', 'PUT', `Patient/${'a'.repeat(65)}`, patient(`"id":"${'a'.repeat(65)}"`), {}, '400 invalid Patient.id'], // prettier-ignore
    ['an id with other characters', 'PUT', 'Patient/a_b', patient('"id":"a_b"'), {}, '400 invalid Patient.id'], // prettier-ignore
    ['another id', 'PUT', 'Patient/there', patient('"id":"b"'), {}, '400 invalid Patient.id'],
    ['no id', 'PUT', 'Patient/there', patient('"active":true'), {}, '400 invalid Patient.id'],
    ['If-Match of nonsense', 'PUT', 'Patient/there', patient('"id":"there"'), { 'If-Match': 'junk' }, '400 invalid http.If-Match'], // prettier-ignore
    ['If-None-Exist of nonsense', 'POST', 'Patient', patient('"active":true'), { 'If-None-Exist': 'nonsense=1' }, '400 not-supported nonsense'], // prettier-ignore
    ['an unknown patch', 'PATCH', 'Patient/there', '[{"op":"nonsense","path":"/active"}]', JSON_PATCH, '400 invalid patch[0].op'], // prettier-ignore
    ['a patch that is no array', 'PATCH', 'Patient/there', '{}', JSON_PATCH, '400 invalid patch'],
    ['a patch of __proto__', 'PATCH', 'Patient/there', '[{"op":"add","path":"/__proto__/x","value":1}]', JSON_PATCH, '400 invalid patch[0].path'], // prettier-ignore
    ['a merge patch', 'PATCH', 'Patient/there', '{}', { 'Content-Type': 'application/merge-patch+json' }, OF_TYPE], // prettier-ignore
  ],
  ([, method, path, body, headers]) => send(method, path, body, headers),
);

refuses<readonly [string, string, string]>(
  'Searches that make no sense',
  [
    ['__proto__', 'Patient?__proto__=1', '400 not-supported __proto__'],
    ['constructor', 'Patient?constructor=1', '400 not-supported constructor'],
    ['a NUL', 'Patient?family=a%00b', '400 invalid family'],
    ['30 February', 'Patient?birthdate=2023-02-30', '400 invalid birthdate'],
    ['no date', 'Patient?birthdate=yesterday', '400 invalid birthdate'],
    ['no instant', 'Patient/_history?_since=yesterday', '400 invalid _since'],
    ['1e400', 'RiskAssessment?probability=1e400', '400 invalid probability'],
    ['400 digits', `RiskAssessment?probability=${'9'.repeat(400)}`, '400 invalid probability'],
    ['NaN', 'Observation?value-quantity=NaN', '400 invalid value-quantity'],
    ['Infinity', 'Observation?value-quantity=Infinity', '400 invalid value-quantity'],
    ['a huge page', 'Patient?_count=99999999999999999999', '400 invalid _count'],
    ['a negative page', 'Patient?_count=-1', '400 invalid _count'],
    ['a page and a half', 'Patient?_count=1.5', '400 invalid _count'],
    ['three parts of a token', 'Patient?identifier=a|b|c', '400 invalid identifier'],
    ['an unknown order', 'Patient?_sort=nonsense', '400 invalid _sort'],
    ['an unknown include', 'Patient?_include=nonsense', '400 invalid _include'],
    ['an unknown modifier', 'Patient?name:nonsense=x', '400 not-supported name:nonsense'],
    ['__proto__ as modifier', 'Observation?subject:__proto__.name=x', '400 invalid subject:__proto__.name'], // prettier-ignore
    ['an unknown chain', 'Patient?general-practitioner.nonsense=x', '400 not-supported general-practitioner.nonsense'], // prettier-ignore
    ['an unknown _has', 'Patient?_has:Nonsense:patient:_id=1', '400 invalid _has'],
    ['a page link of nonsense', 'Patient?_cursor=nonsense', '400 invalid _cursor'],
    ['parentheses', 'Patient?_filter=(((((', '400 invalid _filter'],
    ['1,000 parameters', `Patient?${'family=x&'.repeat(1_000)}`, '400 invalid family'],
  ],
  ([, path]) => send('GET', path, undefined, { Prefer: 'handling=strict' }),
);

/** As it is written, which fetch would not do. */
async function sendPath(path: string): Promise<string> {
  const headers = { Authorization: `Bearer ${await server.token('system/*.cruds')}` };
  const { hostname, port } = new URL(server.baseUrl);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, path, headers }, (response) => {
      textOf(response)
        .then((text) => told(response.statusCode ?? 0, text))
        .then(resolve, reject);
    });
    request.once('error', reject);
    request.end();
  });
}

refuses<readonly [string, string, string]>(
  'Paths as no client writes them',
  [
    ['a way up', '/fhir/R4/../../etc/passwd', '404 not-found'],
    ['a way up as an id', '/fhir/R4/Patient/..', '400 invalid Patient.id'],
    ['a way up, escaped', '/fhir/R4/Patient/%2e%2e', '400 invalid Patient.id'],
    ['a slash, escaped', '/fhir/R4/Patient%2Fthere', '404 not-found'],
    ['another host', 'http://evil.example/fhir/R4/Patient/there', '404 not-found'],
    ['16 kB', `/fhir/R4/Patient?family=${'x'.repeat(17_000)}`, '431 too-long http'],
  ],
  ([, path]) => sendPath(path),
);

refuses<readonly [string, string, string]>(
  'What is no HTTP',
  [
    ['nonsense', 'hello\r\n\r\n', '400 invalid http'],
    ['two lengths', 'POST /fhir/R4 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', '400 invalid http'], // prettier-ignore
    ['a length and chunks', 'POST /fhir/R4 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', '400 invalid http'], // prettier-ignore
    ['a NUL in a header', 'GET /fhir/R4 HTTP/1.1\r\nHost: x\r\nAccept: a\0b\r\n\r\n', '400 invalid http'],
  ],
  async ([, text]) => {
    const { hostname, port } = new URL(server.baseUrl);
    const socket = connect(Number(port), hostname);
    socket.write(text);
    const answer = await textOf(socket);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    return told(Number(head.split(' ')[1]), body);
  },
);

test.each([
  ['a byte order mark', bytes([0xef, 0xbb, 0xbf], patient('"active":true'))],
  ['letters of four bytes', family('"\ud83d\ude00"')],
  ['members as the prototype has them, in a text', family('"__proto__"')],
  ['a decimal that is next to nothing', observation('1e-400')],
])('%s is unusual, and taken.', async (_name, body) => {
  const type = typeof body === 'string' && body.includes('"Observation"') ? 'Observation' : 'Patient';
  expect((await server.fhir('POST', type, { body })).status).toBe(201);
});
