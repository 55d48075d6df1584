/** What GraphQL must not show: each edge of the graph passes the same decision as a request over REST. Docs: graphql.md */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AuditEvent } from '@medplum/fhirtypes';

import { SHIPPED_POLICIES } from '../../src/access/index.ts';
import { appToken } from '../support/app-token.ts';
import { startTestSealer } from '../support/audit.ts';
import { graphqlClient, type GraphqlClient } from '../support/graphql.ts';
import { addRights, userToken } from '../support/rights.ts';
import { searcher } from '../support/searcher.ts';
import { CLINIC, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let ask: GraphqlClient['ask'];
let data: GraphqlClient['data'];
let refused: GraphqlClient['refused'];
/** Of a doctor's app that was opened for one patient, p1. */
let app: string;
/** Of an app of the patient p1 himself. */
let patient: string;
/** Of a service that may read Observations and nothing else. */
let service: string;

const to = (reference: string) => ({ reference });
const AIAST = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'AIAST' };
const observation = (id: string, of: string, code: string, more: object = {}) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code }] },
  subject: to(`Patient/${of}`),
  ...more,
});

beforeAll(async () => {
  server = await startTestServer();
  ({ ask, data, refused } = graphqlClient(server));
  const link = (other: string) => [{ other: to(`Patient/${other}`), type: 'seealso' }];
  const [doc] = [[to('Practitioner/doc')]];
  await searcher(server).store(
    { resourceType: 'Practitioner', id: 'doc', name: [{ family: 'Doc' }] },
    { resourceType: 'Patient', id: 'p1', name: [{ family: 'Able' }], generalPractitioner: doc, link: link('p2') },
    { resourceType: 'Patient', id: 'p2', name: [{ family: 'Secret' }], generalPractitioner: doc, link: link('p1') },
    observation('o1', 'p1', 'own'),
    observation('o2', 'p2', 'hidden', { performer: doc }),
    observation('o3', 'p1', 'own', { hasMember: [to('Observation/o2')], focus: [to('Patient/p2')] }),
    observation('o4', 'p2', 'hidden', { hasMember: [to('Observation/o1')] }),
    observation('gone', 'p1', 'own', { hasMember: [to('Observation/none')] }),
    observation('by-ai', 'p1', 'ai', { meta: { security: [AIAST] }, status: 'preliminary' }),
    observation('on-ai', 'p1', 'own', { derivedFrom: [to('Observation/by-ai')] }),
    ...['p1', 'p2'].map((p) => ({ resourceType: 'Binary', id: `of-${p}`, contentType: 'text/plain', data: 'eA==', securityContext: to(`Patient/${p}`) })),
    { resourceType: 'List', id: 'l1', status: 'current', mode: 'working', subject: to('Patient/p1'), entry: [{ item: to('Binary/of-p1') }, { item: to('Binary/of-p2') }] },
    { resourceType: 'Condition', id: 'c2', subject: to('Patient/p2'), code: { text: 'secret illness' } },
    { resourceType: 'DiagnosticReport', id: 'r1', status: 'final', code: { text: 'r' }, subject: to('Patient/p1'), result: [to('Observation/o1')] }, // prettier-ignore
    { resourceType: 'List', id: 'l2', status: 'current', mode: 'working', subject: to('Patient/p2'), entry: [{ item: to('Observation/o1') }] }, // prettier-ignore
  ); // prettier-ignore
  app = await appToken(server, 'doctor', 'launch/patient patient/*.rs');
  patient = await appToken(server, 'patient', 'patient/*.rs');
  service = await server.token('system/Observation.rs');
}, 30_000);
afterAll(() => server.close());

describe('An app for one patient (attack 8)', () => {
  test.each([
    ['{ Patient(id: p1) { link { other { resource(optional: true) { ... on Patient { name { family } } } } } } }', { Patient: { link: [{ other: { resource: null } }] } }],
    ['{ PatientList { id } }', { PatientList: [{ id: 'p1' }] }],
    ['{ PatientList(_id: [p1, p2]) { id link { other { reference } } } }', { PatientList: [{ id: 'p1', link: [{ other: { reference: 'Patient/p2' } }] }] }],
    ['{ PractitionerList { PatientList(_reference: general_practitioner) { id name { family } } } }', { PractitionerList: [{ PatientList: [{ id: 'p1', name: [{ family: 'Able' }] }] }] }],
    ['{ PractitionerList { PatientConnection(_reference: general_practitioner) { count edges { resource { id } } } } }', { PractitionerList: [{ PatientConnection: { count: 1, edges: [{ resource: { id: 'p1' } }] } }] }],
    ['{ PractitionerList { ObservationList(_reference: performer) { id } } }', { PractitionerList: [{ ObservationList: [] }] }],
    ['{ Patient(id: p1) { PatientList(_reference: link) { id } } }', { Patient: { PatientList: [] } }],
    ['{ Observation(id: o1) { ObservationList(_reference: has_member) { id } ListList(_reference: item) { id } } }', { Observation: { ObservationList: [], ListList: [] } }],
    ['{ Observation(id: o3) { hasMember { resource(optional: true) { id } } focus { resource(optional: true) { id } } } }', { Observation: { hasMember: [{ resource: null }], focus: [{ resource: null }] } }],
    ['{ ObservationConnection(code: hidden) { count next edges { resource { id } } } }', { ObservationConnection: { count: 0, next: null, edges: [] } }],
    ['{ ObservationConnection(patient: [p1, p2], code: [own, hidden], _count: 9) { count next } }', { ObservationConnection: { count: 4, next: null } }],
    ['{ ConditionConnection { count } ConditionList(_content: "illness") { id } }', { ConditionConnection: { count: 0 }, ConditionList: [] }],
    ['{ List(id: l1) { entry { item { resource(optional: true) { id } } } } }', { List: { entry: [{ item: { resource: { id: 'of-p1' } } }, { item: { resource: null } }] } }],
  ])('sees nothing of others: %s', async (query, expected) => {
    expect(await data(query, { token: app })).toEqual(expected);
  }); // prettier-ignore

  test.each([
    ['patient.name eq secret'],
    ['patient.name eq able and has-member.code eq hidden'],
    ['has-member._id eq o2'],
    ['focus:Patient.name eq secret'],
    ['patient.general-practitioner.name eq doc and focus:Patient._id eq p2'],
  ])('learns nothing by a chain: %s', async (filter) => {
    expect(await data(`{ ObservationList(_filter: "${filter}") { id } ObservationConnection(_filter: "${filter}") { count } }`, { token: app })).toEqual({ ObservationList: [], ObservationConnection: { count: 0 } }); // prettier-ignore
  });

  test('is told the same of what is hidden and of what is not there.', async () => {
    const alike = async (hidden: [string, string?], absent: [string, string?]): Promise<void> => {
      const [one, other] = await Promise.all(
        [hidden, absent].map(([query, at]) => ask(query, { token: app, ...(at !== undefined && { at }) })),
      );
      const plain = (answer: unknown): string => JSON.stringify(answer).replaceAll(/p2|p9|o2|none/g, '…');
      expect(plain(one)).toBe(plain(other));
      expect([one?.status, one?.data]).toEqual([404, null]);
    };
    await alike(['{ Patient(id: p2) { id } }'], ['{ Patient(id: p9) { id } }']);
    await alike(['{ id }', 'Patient/p2'], ['{ id }', 'Patient/p9']);
    await alike(['{ Observation(id: o2) { id } }'], ['{ Observation(id: none) { id } }']);
    const member = '{ hasMember { resource { id } } }';
    await alike([member, 'Observation/o3'], [member, 'Observation/gone']);
  });

  test('cannot go on with the cursor of someone else, nor with more than its rights.', async () => {
    type Page = { readonly C: { readonly next: string } };
    const all = (await data('{ C: ObservationConnection(_sort: "-_id", _count: 1) { next } }')) as Page;
    const query = `{ C: ObservationConnection(_cursor: "${all.C.next}") { edges { resource { id } } } }`;
    expect(await refused(query, { token: app })).toEqual([400, 'invalid']);
    const narrow = await server.token('system/Observation.rs?code=ai');
    expect(await data(query, { token: narrow })).toEqual({ C: { edges: [{ resource: { id: 'by-ai' } }] } });
    const changed = query.replace(/"(.)/, (_all, first: string) => `"${first === 'A' ? 'B' : 'A'}`);
    expect(await refused(changed)).toEqual([400, 'invalid']);
  });
});

describe('Without a right to a type (attack 8)', () => {
  test('references to it are null, and what refers to a resource has none of it.', async () => {
    const query = '{ ObservationList(_id: o1) { id subject { reference resource(optional: true) { id } } DiagnosticReportList(_reference: result) { id } ObservationList(_reference: has_member) { id } } }'; // prettier-ignore
    expect(await data(query, { token: service })).toEqual({
      ObservationList: [{ id: 'o1', subject: { reference: 'Patient/p1', resource: null }, DiagnosticReportList: null, ObservationList: [{ id: 'o4' }] }], // prettier-ignore
    });
    expect(await refused('{ ObservationList { subject { resource { id } } } }', { token: service })).toEqual([404, 'not-found']); // prettier-ignore
    expect(await data('{ ObservationList(_filter: "patient.name eq able") { id } }', { token: service })).toEqual({ ObservationList: [] }); // prettier-ignore
  });

  test('a read or search of it is refused as over REST.', async () => {
    for (const query of ['{ Patient(id: p1) { id } }', '{ PatientList { id } }', '{ PatientConnection { count } }'])
      expect(await refused(query, { token: service })).toEqual([403, 'forbidden']);
    expect(await refused('{ id }', { token: service, at: 'Patient/p1' })).toEqual([403, 'forbidden']);
  }); // prettier-ignore

  test('reading alone is no search, and searching alone no read.', async () => {
    const [reader, seeker] = await Promise.all([server.token('system/*.r'), server.token('system/*.s')]);
    expect(await refused('{ ObservationList { id } }', { token: reader })).toEqual([403, 'forbidden']);
    expect(await data('{ Patient(id: p1) { id ObservationList(_reference: patient) { id } } }', { token: reader })).toEqual({ Patient: { id: 'p1', ObservationList: null } }); // prettier-ignore
    expect(await refused('{ Patient(id: p1) { id } }', { token: seeker })).toEqual([403, 'forbidden']);
    expect(await data('{ ObservationList(_id: o1) { subject { resource(optional: true) { id } } } }', { token: seeker })).toEqual({ ObservationList: [{ subject: { resource: null } }] }); // prettier-ignore
  });

  test('or a token there is nothing, not even the schema.', async () => {
    const response = await server.fhir('GET', '$graphql?query={__schema{types{name}}}', { token: null });
    expect(response.status).toBe(401);
  });
});

test('What a policy’s or a scope’s criteria hide is hidden on every way (attack 8)', async () => {
  const narrow = await server.token('system/Observation.rs?code=own system/Patient.rs');
  for (const token of [patient, narrow]) {
    const query = '{ ObservationList(patient: p1, _sort: _id) { id derivedFrom { resource(optional: true) { id } } } Patient(id: p1) { ObservationConnection(_reference: subject) { count } } }'; // prettier-ignore
    const none = (id: string) => ({ id, derivedFrom: null });
    expect(await data(query, { token })).toEqual({
      ObservationList: [none('gone'), none('o1'), none('o3'), { id: 'on-ai', derivedFrom: [{ resource: null }] }], // prettier-ignore
      Patient: { ObservationConnection: { count: 4 } },
    });
    expect(await refused('{ Observation(id: by_ai) { id } }'.replace('by_ai', '"by-ai"'), { token })).toEqual([404, 'not-found']); // prettier-ignore
    expect(await data('{ ObservationList(_filter: "derived-from.code eq ai") { id } }', { token })).toEqual({ ObservationList: [] }); // prettier-ignore
  }
});

describe('A clerk of a clinic (attack 8)', () => {
  let clerk: string;

  beforeAll(async () => {
    const { rules } = SHIPPED_POLICIES.find(({ name }) => name === 'doctor')!;
    await addRights(server, {
      policies: [
        {
          name: 'clerk',
          rules,
          elements: [
            { resourceType: 'Patient', hidden: ['identifier'] },
            { resourceType: 'Observation', hidden: ['value', 'performer'] },
          ],
        },
      ],
      users: [{ username: 'clerk', role: 'clerk', fhirUser: 'Practitioner/clerk', organization: CLINIC }],
    });
    const own = { managingOrganization: to(CLINIC), identifier: [{ value: 'SSN-4711' }] };
    await searcher(server).store(
      { resourceType: 'Patient', id: 'q1', name: [{ family: 'One' }], ...own },
      { resourceType: 'Patient', id: 'q2', name: [{ family: 'Two' }], ...own },
      { resourceType: 'Patient', id: 'q3', name: [{ family: 'Elsewhere' }] },
      observation('q1-a', 'q1', 'own', { valueString: 'HIDDEN', performer: [to('Practitioner/doc')] }),
      observation('q2-a', 'q2', 'own', { hasMember: [to('Observation/q3-a')], valueString: 'HIDDEN' }),
      observation('q2-b', 'q2', 'own'),
      observation('q3-a', 'q3', 'own'),
    );
    clerk = await userToken(server, 'clerk');
  }, 30_000);

  test('sees of many patients at once only those of his, and what is theirs', async () => {
    const query = `{ PatientList(_id: [q1, q2, q3]) { id all: ObservationList(_reference: subject) { id hasMember { resource(optional: true) { id } } }
      one: ObservationList(_reference: subject, _count: 1) { id } page: ObservationConnection(_reference: patient, _count: 1) { count edges { resource { id } } } }
      ObservationList(_id: ["q1-a", "q3-a"]) { id subject { resource { id } } } }`;
    const page = (count: number, id: string) => ({ count, edges: [{ resource: { id } }] });
    expect(await data(query, { token: clerk })).toEqual({
      PatientList: [
        { id: 'q1', all: [{ id: 'q1-a', hasMember: null }], one: [{ id: 'q1-a' }], page: page(1, 'q1-a') },
        { id: 'q2', all: [{ id: 'q2-a', hasMember: [{ resource: null }] }, { id: 'q2-b', hasMember: null }], one: [{ id: 'q2-a' }], page: page(2, 'q2-a') }, // prettier-ignore
      ],
      ObservationList: [{ id: 'q1-a', subject: { resource: { id: 'q1' } } }],
    });
    expect(await refused('{ Patient(id: q3) { id } }', { token: clerk })).toEqual([404, 'not-found']);
  });

  test('gets no hidden element, and learns nothing of it by paths and searches', async () => {
    const own = { token: clerk };
    const query = '{ PatientList(_id: q1) { id identifier { value } ObservationList(_reference: subject) { valueString performer { reference } } } byPath: PatientList(_id: q1, fhirpath: "identifier.exists()") { id } Observation(id: "q1-a") { valueString } }'; // prettier-ignore
    expect(await data(query, own)).toEqual({
      PatientList: [{ id: 'q1', identifier: null, ObservationList: [{ valueString: null, performer: null }] }], // prettier-ignore
      byPath: [],
      Observation: { valueString: null },
    });
    for (const search of [
      'PatientList(identifier: "SSN-4711") { id }',
      'PatientList(_filter: "identifier eq SSN-4711") { id }',
      'PatientList(_sort: "identifier") { id }',
      'PatientConnection(identifier: "SSN-4711") { count }',
      'ObservationList(value_string: "HIDDEN") { id }',
      'ObservationList(_filter: "patient.identifier eq SSN-4711") { id }',
      'ObservationList(_content: "HIDDEN") { id }',
      'PractitionerList { ObservationList(_reference: performer) { id } }',
      'PractitionerList { ObservationConnection(_reference: performer) { count } }',
    ]) {
      const { status, data: found } = await ask(`{ ${search} }`, own);
      expect([search, status, found]).toEqual([search, expect.any(Number), null]);
      expect([400, 403]).toContain(status);
    }
  });
});

test('Introspection tells no data, whoever asks (attack 8)', async () => {
  const nothing = await server.token('system/Slot.r');
  const query = '{ __schema { queryType { name } } __type(name: "Observation") { name } }';
  const own = await ask(query, { token: nothing });
  expect(own).toEqual(await ask(query));
  expect(own.data).toEqual({ __schema: { queryType: { name: 'Query' } }, __type: { name: 'Observation' } });
}, 30_000);

test('The audit knows which resources were shown, and that a query was refused.', async () => {
  const sealer = startTestSealer(server);
  try {
    await data('{ ObservationList(_id: o1) { subject { resource { id } } } }', { token: app });
    await refused('{ Patient(id: p2) { id } }', { token: app });
    const events = await eventually(async () => {
      const found = await searcher(server).bundle('AuditEvent?_sort=-_id&_count=200');
      const own = (found.entry ?? []).map((e) => e.resource as AuditEvent).filter((e) => JSON.stringify(e).includes('$graphql')); // prettier-ignore
      const shown = own.find((e) => JSON.stringify(e).includes('Observation/o1') && JSON.stringify(e).includes('Patient/p1') && e.outcome === '0'); // prettier-ignore
      const not = own.find((e) => e.outcome === '4' && !JSON.stringify(e).includes('Observation/o1'));
      return shown && not && [shown, not];
    });
    expect(events.map(({ outcome, action }) => [outcome, action])).toEqual([['0', 'E'], ['4', 'E']]); // prettier-ignore
  } finally {
    await sealer.stop();
  }
}, 30_000);

/** The first answer that is there. */
async function eventually<T>(find: () => Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answer = await find();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('It did not come about');
}
