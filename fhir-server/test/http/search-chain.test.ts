/** Searches by what other resources say: chains and `_has`. https://hl7.org/fhir/R4/search.html#chaining */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { searcher, type Searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let ids: Searcher['ids'];
let refusal: Searcher['refusal'];

const to = (reference: string) => ({ reference });
const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] });

function observation(id: string, subject: string, code: string, more: object = {}) {
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    code: loinc(code),
    subject: to(subject),
    ...more,
  };
}

function patient(id: string, family: string, organization: string, gender: string) {
  const managed = { managingOrganization: to(`Organization/${organization}`) };
  return { resourceType: 'Patient', id, name: [{ family }], gender, ...managed };
}

beforeAll(async () => {
  server = await startTestServer();
  const { store, ...rest } = searcher(server);
  ({ ids, refusal } = rest);
  const encounter = { resourceType: 'Encounter', status: 'finished', subject: to('Patient/anna') };
  await store(
    { resourceType: 'Organization', id: 'top', name: 'Top Trust' },
    { resourceType: 'Organization', id: 'north', name: 'North Clinic', partOf: to('Organization/top') },
    { resourceType: 'Organization', id: 'south', name: 'South Clinic' },
    patient('anna', 'Able', 'north', 'female'),
    patient('bert', 'Baker', 'south', 'male'),
    { resourceType: 'Group', id: 'anna', type: 'person', actual: true, code: { text: 'a group' } },
    { resourceType: 'Practitioner', id: 'doc', name: [{ family: 'Able' }] },
    { ...encounter, id: 'e1', class: { code: 'AMB' }, serviceProvider: to('Organization/north') },
    { ...encounter, id: 'e2', class: { code: 'IMP' } },
    observation('a1', 'Patient/anna', '8867-4', { encounter: to('Encounter/e1') }),
    observation('a2', 'Patient/anna', '8480-6', { performer: [to('Practitioner/doc')] }),
    observation('a3', 'Patient/anna', '8480-6', { encounter: to('Encounter/e2'), hasMember: [to('Observation/a1')] }), // prettier-ignore
    observation('b1', 'Patient/bert', '8867-4', { performer: [to('Patient/bert')] }),
    observation('g1', 'Group/anna', '8867-4'),
    { resourceType: 'Observation', id: 'none', status: 'final', code: { text: 'of nobody' } },
  );
}, 30_000);
afterAll(() => server.close());

test.each([
  ['the patient, by type', 'Observation?subject:Patient.name=able', ['a1', 'a2', 'a3']],
  ['the patient, whose id a group has too', 'Observation?subject:Patient._id=anna', ['a1', 'a2', 'a3']],
  ['the group', 'Observation?subject:Group._id=anna', ['g1']],
  ['any type of subject that has the parameter', 'Observation?subject.name=able', ['a1', 'a2', 'a3']],
  ['the narrower parameter', 'Observation?patient.name=baker', ['b1']],
  ['a modifier at the end', 'Observation?patient.name:exact=Baker', ['b1']],
  ['an exact name of another case', 'Observation?patient.name:exact=baker', []],
  [':not at the end', 'Observation?patient.gender:not=female', ['b1']],
  [':missing at the end', 'Observation?patient.birthdate:missing=true', ['a1', 'a2', 'a3', 'b1']],
  ['the encounter', 'Observation?encounter.class=IMP', ['a3']],
  ['two steps', 'Observation?patient.organization.name=north', ['a1', 'a2', 'a3']],
  ['three steps', 'Observation?patient.organization.partof.name=top', ['a1', 'a2', 'a3']],
  ['three steps from the encounter', 'Observation?encounter.service-provider.partof:Organization.name=top', ['a1']], // prettier-ignore
  ['a reference without a column', 'Observation?performer:Practitioner.name=able', ['a2']],
  ['a reference without a column that is a patient', 'Observation?performer:Patient.gender=male', ['b1']],
  ['a reference to its own type', 'Observation?has-member:Observation.code=8867-4', ['a3']],
  ['a time', 'Observation?patient._lastUpdated=gt2020', ['a1', 'a2', 'a3', 'b1']],
  ['a time to come', 'Observation?patient._lastUpdated=gt2900', []],
  ['alternatives', 'Observation?patient.name=able,baker', ['a1', 'a2', 'a3', 'b1']],
  [
    'two chains, which both must lead to a match',
    'Observation?patient.name=able&encounter.class=AMB',
    ['a1'],
  ],
])('A chain goes by %s.', async (_title, path, expected) => {
  expect(await ids(path)).toEqual(expected);
});

test.each([
  ['a patient’s code', 'Patient?_has:Observation:patient:code=8480-6', ['anna']],
  ['a patient’s code by subject', 'Patient?_has:Observation:subject:code=8867-4', ['anna', 'bert']],
  ['alternatives', 'Patient?_has:Observation:patient:code=8480-6,8867-4', ['anna', 'bert']],
  ['a reference without a column', 'Practitioner?_has:Observation:performer:code=8480-6', ['doc']],
  ['a performer who is the patient', 'Patient?_has:Observation:performer:code=8867-4', ['bert']],
  ['a group', 'Group?_has:Observation:subject:code=8867-4', ['anna']],
  ['an encounter', 'Encounter?_has:Observation:encounter:code=8480-6', ['e2']],
  ['nested', 'Patient?_has:Encounter:patient:_has:Observation:encounter:code=8480-6', ['anna']],
  ['nested, three deep', 'Organization?_has:Patient:organization:_has:Encounter:patient:_has:Observation:encounter:code=8480-6', ['north']], // prettier-ignore
  ['a chain behind it', 'Patient?_has:Observation:patient:encounter.class=IMP', ['anna']],
  ['it behind a chain', 'Observation?patient._has:Encounter:patient:class=IMP', ['a1', 'a2', 'a3']],
  ['a modifier', 'Patient?_has:Observation:patient:encounter:missing=true', ['anna', 'bert']],
  ['two, of which each may be another Observation', 'Patient?_has:Observation:patient:code=8480-6&_has:Observation:patient:code=8867-4', ['anna']], // prettier-ignore
])('_has goes by %s.', async (_title, path, expected) => {
  expect(await ids(path)).toEqual(expected);
});

test('A deleted resource ends a chain and a _has, and so does a reference that was changed.', async () => {
  const { store } = searcher(server);
  await store(patient('gone', 'Gone', 'south', 'other'), observation('of-gone', 'Patient/gone', '1-1'));
  expect(await ids('Observation?patient.name=gone')).toEqual(['of-gone']);
  await store(observation('of-gone', 'Patient/bert', '1-1'));
  expect(await ids('Observation?patient.name=gone')).toEqual([]);
  expect(await ids('Patient?_has:Observation:patient:code=1-1')).toEqual(['bert']);
  await server.fhir('DELETE', 'Observation/of-gone');
  expect(await ids('Patient?_has:Observation:patient:code=1-1')).toEqual([]);
});

test.each([
  ['a chain from what is no reference', 'Observation?code.name=x', 400],
  ['a type that the reference does not lead to', 'Observation?patient:Organization.name=x', 400],
  ['a type that does not exist', 'Observation?subject:Nonsense.name=x', 400],
  ['a parameter that no target has', 'Observation?patient.nonsense=x', 400],
  ['an empty step', 'Observation?patient.=x', 400],
  ['a chain from any type', 'Provenance?target.name=x', 400],
  ['too many steps', 'Organization?partof.partof.partof.partof.partof.name=x', 400],
  ['too many nested _has', `Patient?${'_has:Patient:link:'.repeat(5)}name=x`, 400],
  ['_has without a parameter', 'Patient?_has:Observation:patient=x', 400],
  ['_has of an unknown type', 'Patient?_has:Nonsense:patient:code=x', 400],
  ['_has by what is no reference', 'Patient?_has:Observation:code:code=x', 400],
  ['_has by a reference to something else', 'Patient?_has:Observation:encounter:code=x', 400],
  ['_has with an unknown parameter', 'Patient?_has:Observation:patient:nonsense=x', 400],
])('Refused is %s.', async (_title, path, status) => {
  const refused = await refusal(path);
  expect(refused).toMatchObject({ status });
  expect(refused.diagnostics).not.toBe('');
});
