/** $graphql as the standard has it. https://hl7.org/fhir/R4/graphql.html */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Binary, Bundle } from '@medplum/fhirtypes';
import { graphqlClient, type GraphqlClient } from '../support/graphql.ts';
import { searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let ask: GraphqlClient['ask'];
let data: GraphqlClient['data'];
let refused: GraphqlClient['refused'];

const to = (reference: string) => ({ reference });
const observation = (id: string, patient: string, date: string, more: object = {}) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: 'weight' }] },
  subject: to(`Patient/${patient}`),
  effectiveDateTime: date,
  ...more,
});

beforeAll(async () => {
  server = await startTestServer({ SUBSCRIPTION_ALLOW_PRIVATE: 'true' });
  ({ ask, data, refused } = graphqlClient(server));
  await searcher(server).store(
    { resourceType: 'Practitioner', id: 'doc', name: [{ family: 'Doc' }] },
    {
      resourceType: 'Patient',
      id: 'p1',
      active: true,
      birthDate: '1970-03-01',
      _birthDate: { extension: [{ url: 'http://x.example/time', valueDateTime: '1970-03-01T10:28:45Z' }] },
      identifier: [{ system: 'urn:oid:1.2', value: '12345' }],
      name: [
        { use: 'official', given: ['Peter', 'James'], family: 'Chalmers' },
        { use: 'usual', given: ['Jim'] },
        { use: 'maiden', given: ['Peter', 'James'], family: 'Windsor' },
      ],
      contact: [{ name: { family: 'du Marché' } }],
      managingOrganization: to('#clinic'),
      contained: [{ resourceType: 'Organization', id: 'clinic', name: 'The Clinic' }],
      generalPractitioner: [to('Practitioner/doc')],
    },
    { resourceType: 'Patient', id: 'p2', name: [{ family: 'Able' }], generalPractitioner: [to(`${server.fhirBase}/Practitioner/doc`)] }, // prettier-ignore
    observation('o1', 'p1', '2024-01-01', { valueQuantity: { value: 80.5, unit: 'kg' }, performer: [to('Practitioner/doc')] }), // prettier-ignore
    observation('o2', 'p1', '2024-02-01', { performer: [to('Practitioner/gone')] }),
    observation('o3', 'p2', '2024-03-01', { valueString: 'a,b' }),
    observation('o4', 'p2', '2024-04-01', { status: 'amended' }),
  );
  // As text, so that the digits stay as they are.
  const exact = JSON.stringify(observation('exact', 'p3', '2024-05-01', { valueQuantity: { value: 0 } }));
  await server.fhir('PUT', 'Observation/exact', { body: exact.replace('"value":0', '"value":1.500') });
}, 30_000);
afterAll(() => server.close());

describe('A query of one resource', () => {
  const at = 'Patient/p1';

  test('has elements, choices, extensions of primitives and nested types.', async () => {
    const query = '{ resourceType id active birthDate _birthDate { extension { valueDateTime } } contact { name { family } } }'; // prettier-ignore
    expect(await data(query, { at })).toEqual({
      resourceType: 'Patient',
      id: 'p1',
      active: true,
      birthDate: '1970-03-01',
      _birthDate: { extension: [{ valueDateTime: '1970-03-01T10:28:45Z' }] },
      contact: [{ name: { family: 'du Marché' } }],
    });
    expect(await data('{ valueQuantity { value unit } valueString }', { at: 'Observation/o1' })).toEqual({
      valueQuantity: { value: 80.5, unit: 'kg' },
      valueString: null,
    });
  });

  test('selects elements of a list by path, by a value and by place.', async () => {
    const query = `{ a: name(fhirpath: "family.exists()") { use } b: name(use: official) { family } c: name(given: "Jim") { use }
      d: name(_count: 1, _offset: 1) { use } e: name(family: "Windsor", _offset: 1) { use } f: name @first { given @first } }`;
    expect(await data(query, { at })).toEqual({
      a: [{ use: 'official' }, { use: 'maiden' }],
      b: [{ family: 'Chalmers' }],
      c: [{ use: 'usual' }],
      d: [{ use: 'usual' }],
      e: [],
      f: [{ given: ['Peter'] }],
    });
    expect(await refused('{ name(fhirpath: "family.nothing(") { use } }', { at })).toEqual([400, 'invalid']);
    expect(await refused('{ name(_count: -1) { use } }', { at })).toEqual([400, 'invalid']);
  });

  test('lists what refers to it.', async () => {
    const query = '{ ObservationList(_reference: subject, _sort: "-date") { id } none: ConditionList(_reference: patient) { id } one: ObservationList(_reference: subject, date: "lt2024-01-15") { id } }'; // prettier-ignore
    expect(await data(query, { at })).toEqual({
      ObservationList: [{ id: 'o2' }, { id: 'o1' }],
      none: [],
      one: [{ id: 'o1' }],
    });
    expect(await refused('{ ObservationList(_reference: code) { id } }', { at })).toEqual([400, 'invalid']);
    expect(await refused('{ ObservationList { id } }', { at })).toEqual([400, 'invalid']);
  });

  test('that is not there is refused as a read of it.', async () => {
    expect(await refused('{ id }', { at: 'Patient/none' })).toEqual([404, 'not-found']);
  });
});

describe('References', () => {
  test('lead to resources here, contained or not, by relative and own absolute URLs.', async () => {
    const query = '{ generalPractitioner { resource { ... on Practitioner { name { family } } } } managingOrganization { resource { id resourceType ... on Organization { name } } } }'; // prettier-ignore
    const doc = { generalPractitioner: [{ resource: { name: [{ family: 'Doc' }] } }] };
    expect(await data(query, { at: 'Patient/p1' })).toEqual({
      ...doc,
      managingOrganization: { resource: { id: 'clinic', resourceType: 'Organization', name: 'The Clinic' } },
    });
    expect(await data(query, { at: 'Patient/p2' })).toEqual({ ...doc, managingOrganization: null });
  });

  test('can be limited to a type.', async () => {
    const query = '{ subject { resource(type: Patient) { birthDate } resource(type: Group) { name } other: resource(type: Group) { id } } }'; // prettier-ignore
    expect(await data(query, { at: 'Observation/o1' })).toEqual({
      subject: { resource: { birthDate: '1970-03-01' }, other: null },
    });
    const byVariable = 'query($t: code) { subject { resource(type: $t) { id } } }';
    for (const [type, resource] of [['Patient', { id: 'p1' }], ['Group', null]] as const) // prettier-ignore
      expect(await data(byVariable, { at: 'Observation/o1', variables: { t: type } })).toEqual({ subject: { resource } }); // prettier-ignore
  });

  test('that lead to nothing are an error, or null where that is allowed.', async () => {
    const at = 'Observation/o2';
    expect(await refused('{ performer { resource { id } } }', { at })).toEqual([404, 'not-found']);
    expect(await data('{ performer { reference resource(optional: true) { id } } }', { at })).toEqual({
      performer: [{ reference: 'Practitioner/gone', resource: null }],
    });
  });

  test('in a contained resource’s place list nothing.', async () => {
    const query =
      '{ contained { ... on Organization { name PatientList(_reference: organization) { id } } } }';
    expect(await data(query, { at: 'Patient/p1' })).toEqual({
      contained: [{ name: 'The Clinic', PatientList: null }],
    });
  });
});

describe('A query of the system', () => {
  test('reads by id.', async () => {
    expect(await data('{ Patient(id: p1) { id active } other: Patient(id: "p2") { name { family } } }')).toEqual({
      Patient: { id: 'p1', active: true },
      other: { name: [{ family: 'Able' }] },
    }); // prettier-ignore
    expect(await refused('{ Patient(id: none) { id } }')).toEqual([404, 'not-found']);
  });

  test.each([
    ['PatientList(name: "able") { id }', ['p2']],
    ['PatientList(birthdate: "ge1970", active: true) { id }', ['p1']],
    ['PatientList(general_practitioner: "Practitioner/doc", _sort: "-_id") { id }', ['p2', 'p1']],
    ['ObservationList(_id: [o1, "o3", none]) { id }', ['o1', 'o3']],
    ['ObservationList(status: amended) { id }', ['o4']],
    ['ObservationList(value_string: "a,b") { id }', ['o3']],
    ['ObservationList(_filter: "patient.name eq able and status eq final") { id }', ['o3']],
    ['ObservationList(_count: 2, _sort: date) { id }', ['o1', 'o2']],
    ['ObservationList(_count: 0) { id }', []],
    ['ObservationList(fhirpath: "value.exists()", patient: "Patient/p1,Patient/p2") { id }', []],
    ['ObservationList(fhirpath: "value.exists()", patient: ["p1", "p2"]) { id }', ['o1', 'o3']],
    ['MediaList { id }', []],
  ])('finds by %s.', async (query, ids) => {
    const [name = ''] = query.split(/\W/);
    expect(await data(`{ ${query} }`)).toEqual({ [name]: ids.map((id) => ({ id })) });
  });

  test('takes variables of whatever scalar type.', async () => {
    const query = 'query A($id: ID!, $names: [String!], $n: Int = 1) { Patient(id: $id) { id } PatientList(name: $names, _count: $n) { id } } query B { MediaList { id } }'; // prettier-ignore
    const response = await server.fhir('POST', '$graphql', {
      body: { query, operationName: 'A', variables: { id: 'p1', names: ['able', 'chalmers'], n: 5 } },
      headers: { 'Content-Type': 'application/json; charset=utf-8' },
    });
    expect(await response.json()).toEqual({ data: { Patient: { id: 'p1' }, PatientList: [{ id: 'p1' }, { id: 'p2' }] } }); // prettier-ignore
    expect(await refused(query)).toEqual([400, 'invalid']);
    expect(await refused('query($id: ID) { Patient(id: $id) { id } }')).toEqual([400, 'invalid']);
    expect(await refused('query($id: [ID!]!) { Patient(id: $id) { id } }', { variables: { id: ['p1'] } })).toEqual([400, 'invalid']); // prettier-ignore
  });

  test('follows a level of resources to what refers to each, with and without a number.', async () => {
    const query = '{ PatientList(_id: [p1, p2]) { id all: ObservationList(_reference: patient) { id } last: ObservationList(_reference: patient, _sort: "-date", _count: 1) { id subject { resource { id } } } page: ObservationConnection(_reference: subject, _count: 1) { count next edges { resource { id } } } } }'; // prettier-ignore
    const found = (await data(query)) as { PatientList: { page: { next: string } }[] };
    const page = (id: string) => ({ count: 2, next: expect.any(String), edges: [{ resource: { id } }] });
    expect(found).toEqual({
      PatientList: [
        { id: 'p1', all: [{ id: 'o1' }, { id: 'o2' }], last: [{ id: 'o2', subject: { resource: { id: 'p1' } } }], page: page('o1') }, // prettier-ignore
        { id: 'p2', all: [{ id: 'o3' }, { id: 'o4' }], last: [{ id: 'o4', subject: { resource: { id: 'p2' } } }], page: page('o3') }, // prettier-ignore
      ],
    });
    const next = found.PatientList[1]!.page.next;
    expect(await data(`{ ObservationConnection(_cursor: "${next}") { count next edges { resource { id } } } }`)).toEqual({
      ObservationConnection: { count: 2, next: null, edges: [{ resource: { id: 'o4' } }] },
    }); // prettier-ignore
  });

  test('pages by connection.', async () => {
    type Page = { readonly C: { readonly next: string; readonly previous: string; readonly first: string } };
    const fields =
      'count offset pagesize pageSize first previous next last edges { mode score resource { id } }';
    const of = (ids: string[]) => ids.map((id) => ({ mode: 'match', score: null, resource: { id } }));
    const one = (await data(`{ C: ObservationConnection(patient: [p1, p2], _sort: "-date", _count: 3) { ${fields} } }`)) as Page; // prettier-ignore
    expect(one.C).toMatchObject({ count: 4, offset: 0, pagesize: 3, pageSize: 3, first: null, previous: null, edges: of(['o4', 'o3', 'o2']) }); // prettier-ignore
    const two = (await data(`{ C: ObservationConnection(_cursor: "${one.C.next}") { ${fields} } }`)) as Page;
    expect(two.C).toMatchObject({ count: 4, offset: null, next: null, edges: of(['o1']) });
    for (const cursor of [two.C.previous, two.C.first])
      expect(((await data(`{ C: ObservationConnection(cursor: "${cursor}") { ${fields} } }`)) as Page).C).toMatchObject({ edges: of(['o4', 'o3', 'o2']) }); // prettier-ignore
    for (const query of [
      `{ ObservationConnection(_cursor: "${one.C.next}", status: final) { count } }`,
      `{ PatientConnection(_cursor: "${one.C.next}") { count } }`,
      `{ ObservationConnection(_cursor: "nonsense") { count } }`,
      `{ PatientList(_id: p1) { ObservationConnection(_reference: subject, _cursor: "x") { count } } }`,
    ])
      expect(await refused(query)).toEqual([400, 'invalid']);
  });

  test('keeps the digits of decimals.', async () => {
    const body = { query: '{ Observation(id: exact) { valueQuantity { value } } }' };
    const headers = { 'Content-Type': 'application/json' };
    const response = await server.fhir('POST', '$graphql', { body, headers });
    expect(await response.text()).toBe('{"data":{"Observation":{"valueQuantity":{"value":1.500}}}}');
  });

  test('obeys @skip and @include.', async () => {
    const query = 'query($x: Boolean!) { Patient(id: p1) { id @skip(if: $x) active @include(if: $x) } }';
    expect(await data(query, { variables: { x: true } })).toEqual({ Patient: { active: true } });
  });
});

describe('The answer is flattened', () => {
  const at = 'Patient/p1';
  const [given, family] = [['Peter', 'James'], 'Chalmers'];

  test.each([
    ['identifier @flatten { system value } active name @flatten { text given family }', { system: ['urn:oid:1.2'], value: ['12345'], active: true, given: [...given, 'Jim', ...given], family: [family, 'Windsor'] }],
    ['name @flatten { given @first family }', { given: ['Peter', 'Jim', 'Peter'], family: [family, 'Windsor'] }],
    ['identifier @flatten { value @singleton } name @flatten @first { given family @singleton }', { value: '12345', given, family }],
    ['name @flatten @slice(path: "use") { given family @singleton }', { 'given.official': given, 'family.official': family, 'given.usual': ['Jim'], 'given.maiden': given, 'family.maiden': 'Windsor' }],
    ['name @flatten @slice(path: "$index") { given @first @singleton }', { 'given.0': 'Peter', 'given.1': 'Jim', 'given.2': 'Peter' }],
    ['name(use: official) @slice(path: "use") { family }', { 'name.official': [{ family }] }],
    ['contact @flatten { name { family } }', { name: [{ family: 'du Marché' }] }],
  ])('as the directives say: %s', async (query, expected) => {
    expect(await data(`{ ${query} }`, { at })).toEqual(expected);
  }); // prettier-ignore

  test('but not where values do not go together.', async () => {
    for (const query of [
      '{ name @flatten { family @singleton } }',
      '{ active identifier @flatten { active: value } }',
      '{ name @slice(path: "use | given") { use } }',
    ])
      expect(await refused(query, { at })).toEqual([400, 'invalid']);
  });
});

describe('A query is sent', () => {
  const answer = { data: { Patient: { id: 'p1' } } };
  const query = '{ Patient(id: p1) { id } }';

  test.each([
    ['in the URL', 'GET', `$graphql?query=${encodeURIComponent(query)}`, undefined, undefined],
    ['in the URL, with variables', 'GET', `$graphql?query=${encodeURIComponent('query($x: ID!) { Patient(id: $x) { id } }')}&variables=${encodeURIComponent('{"x":"p1"}')}`, undefined, undefined],
    ['as text', 'POST', '$graphql', 'application/graphql', query],
    ['as JSON', 'POST', '$graphql', 'application/json', { query, operationName: null, variables: null }],
    ['as Parameters', 'POST', '$graphql', 'application/fhir+json', { resourceType: 'Parameters', parameter: [{ name: 'query', valueString: query }] }],
  ])('%s.', async (_how, method, path, type, body) => {
    const response = await server.fhir(method, path, { ...(body && { body }), headers: { ...(type && { 'Content-Type': type }), Accept: 'application/graphql-response+json, application/json' } });
    expect([response.status, response.headers.get('content-type'), await response.json()]).toEqual([200, 'application/json', answer]);
  }); // prettier-ignore

  test('in a batch, and comes back as Binary.', async () => {
    const entry = [{ request: { method: 'GET', url: `Patient/p1/$graphql?query={id}` } }];
    const response = await server.fhir('POST', '', {
      body: { resourceType: 'Bundle', type: 'batch', entry },
    });
    const bundle = (await response.json()) as Bundle;
    const { contentType, data: content = '' } = bundle.entry?.[0]?.resource as Binary;
    expect([contentType, atob(content)]).toEqual(['application/json', '{"data":{"id":"p1"}}']);
  });

  test('as nothing that could be one, and is refused.', async () => {
    for (const body of [
      {},
      { query: '' },
      { query: 1 },
      { query, variables: [] },
      { query, operationName: 1 },
    ]) {
      const response = await server.fhir('POST', '$graphql', { body, headers: { 'Content-Type': 'application/json' } }); // prettier-ignore
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ data: null, errors: [{ extensions: { resource: { resourceType: 'OperationOutcome' } } }] }); // prettier-ignore
    }
    expect((await server.fhir('POST', '$graphql', { body: query, headers: { 'Content-Type': 'text/plain' } })).status).toBe(415); // prettier-ignore
    expect((await server.fhir('DELETE', '$graphql')).status).toBe(405);
    expect((await server.fhir('GET', 'Patient/$graphql?query={id}')).status).toBe(404);
  });

  test.each([
    '{',
    '{ Patient(id: p1) { nonsense } }',
    '{ PatientList(nonsense: 1) { id } }',
    '{ PatientList(birthdate: "nonsense") { id } }',
    '{ PatientList(_include: "x") { id } }',
    '{ Patient(id: "../p1") { id } }',
    '{ Patient { id } }',
    '{ Patient(id: p1) { name } }',
    '{ Patient(id: p1) { id @nonsense } }',
    'mutation { PatientDelete(id: p1) { id } }',
    'subscription { Patient(id: p1) { id } }',
    'query A { MediaList { id } } query B { MediaList { id } }',
    'fragment a on Patient { id ...a } { Patient(id: p1) { ...a } }',
    '{ id }',
  ])('malformed and is refused: %s', async (text) => {
    expect(await refused(text)).toEqual([400, 'invalid']);
  });
});

test('Introspection describes the system, types and what they have.', async () => {
  const query = '{ __schema { queryType { fields { name } } directives { name } } __type(name: "Patient") { interfaces { name } fields { name args { name } } } }'; // prettier-ignore
  type Field = { readonly name: string; readonly args: readonly { readonly name: string }[] };
  const { __schema: schema, __type: type } = (await data(query)) as {
    readonly __schema: { readonly queryType: { readonly fields: readonly Field[] }; readonly directives: readonly Field[] };
    readonly __type: { readonly interfaces: readonly Field[]; readonly fields: readonly Field[] };
  }; // prettier-ignore
  const names = schema.queryType.fields.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['Patient', 'PatientList', 'PatientConnection', 'VisionPrescription'])); // prettier-ignore
  expect(schema.directives.map(({ name }) => name)).toEqual(expect.arrayContaining(['flatten', 'slice']));
  expect(type.interfaces).toEqual([{ name: 'Resource' }]);
  const list = type.fields.find(({ name }) => name === 'ObservationList');
  expect(list?.args.map(({ name }) => name)).toEqual(expect.arrayContaining(['_reference', 'code', 'value_quantity'])); // prettier-ignore
  expect(type.fields.map(({ name }) => name)).toEqual(expect.arrayContaining(['birthDate', '_birthDate', 'ProvenanceList'])); // prettier-ignore
  expect((await ask('{ __typename }')).data).toEqual({ __typename: 'Query' });
}, 30_000);
