/** Modifiers and special parameters as a client meets them. https://hl7.org/fhir/R4/search.html#modifiers */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { searcher, type Searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let ids: Searcher['ids'];
let refusal: Searcher['refusal'];

const to = (reference: string) => ({ reference });
const div = (text: string) => ({
  status: 'generated',
  div: `<div xmlns="http://www.w3.org/1999/xhtml">${text}</div>`,
});
const location = (id: string, partOf?: string, more: object = {}) => ({
  resourceType: 'Location',
  id,
  name: id,
  ...(partOf === undefined ? {} : { partOf: to(`Location/${partOf}`) }),
  ...more,
});
const at = (latitude: number, longitude: number) => ({ position: { latitude, longitude } });
const SNOMED = 'http://snomed.info/sct';
const STATUS = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
const URGENCY = 'http://x.example/urgency';

const condition = (id: string, clinical: string, more: object = {}) => ({
  resourceType: 'Condition',
  id,
  subject: to('Patient/p'),
  clinicalStatus: { coding: [{ system: STATUS, code: clinical }] },
  ...more,
});

beforeAll(async () => {
  server = await startTestServer();
  const { store, ...rest } = searcher(server);
  ({ ids, refusal } = rest);
  const typed = (code: string) => ({
    type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code }] },
  });
  await store(
    location('campus', 'ward-loop', at(52.52, 13.405)),
    location('house', 'campus', at(52.5, 13.4)),
    location('ward-loop', 'house', at(48.137, 11.575)),
    location('elsewhere'),
    { resourceType: 'Encounter', id: 'in-house', status: 'planned', class: { code: 'AMB' }, location: [{ location: to('Location/house') }] }, // prettier-ignore
    { resourceType: 'Encounter', id: 'outside', status: 'planned', class: { code: 'AMB' }, location: [{ location: to('Location/elsewhere') }] }, // prettier-ignore
    {
      resourceType: 'Patient',
      id: 'p',
      active: true,
      birthDate: '1970-01-01',
      identifier: [{ system: 'http://hospital.example', value: '12345', ...typed('MR') }],
      text: div('A friendly farmer &amp; keeper of horses'),
      name: [{ family: 'Müller', given: ['Zoë'] }],
      maritalStatus: { text: 'Married twice' },
    },
    { resourceType: 'Patient', id: 'q', generalPractitioner: [{ identifier: { system: 'http://npi', value: '7' } }] }, // prettier-ignore
    condition('c1', 'active', { code: { coding: [{ system: SNOMED, code: '1', display: 'Broken heart' }] } }),
    condition('c2', 'recurrence', { code: { text: 'Running nose, jumping eyes' } }),
    condition('c3', 'resolved', { severity: { coding: [{ system: URGENCY, code: 'very' }] }, text: div('no horse') }), // prettier-ignore
    { resourceType: 'List', id: 'l', status: 'current', mode: 'changes', entry: [{ item: to('Condition/c1') }, { item: to('Patient/p') }, { item: to('Condition/c2'), deleted: true }] }, // prettier-ignore
    { resourceType: 'ValueSet', id: 'v', url: 'http://x.example/vs', status: 'active', compose: { include: [{ system: STATUS, concept: [{ code: 'active' }, { code: 'resolved' }] }] } }, // prettier-ignore
    { resourceType: 'CodeSystem', id: 's', url: URGENCY, status: 'active', content: 'complete', concept: [{ code: 'urgent', concept: [{ code: 'very' }] }, { code: 'calm' }] }, // prettier-ignore
    { resourceType: 'ValueSet', id: 'u1', url: 'http://x.example/a/b', status: 'draft' },
    { resourceType: 'ValueSet', id: 'u2', url: 'http://x.example/a', status: 'draft' },
    { resourceType: 'ValueSet', id: 'u3', url: 'http://x.example/ab', status: 'draft' },
  );
}, 30_000);
afterAll(() => server.close());

const LOOP = ['campus', 'house', 'ward-loop'];

test.each([
  ['below a place, though the places form a loop', 'Location?partof:below=Location/campus', LOOP],
  ['above a place in the loop', 'Location?partof:above=house', LOOP],
  ['below nothing', 'Location?partof:below=elsewhere', []],
  ['an encounter below a place', 'Encounter?location:below=Location/campus', ['in-house']],
  ['an identifier with its type', 'Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|12345', ['p']], // prettier-ignore
  ['an identifier with another type', 'Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|SS|12345', []], // prettier-ignore
  ['the identifier in a reference', 'Patient?general-practitioner:identifier=http://npi|7', ['q']],
  ['a display', 'Condition?code:text=broken', ['c1']],
  ['a text', 'Condition?code:text=running', ['c2']],
  ['a missing token', 'Patient?active:missing=true', ['q']],
  ['a token that is there', 'Patient?active:missing=false', ['p']],
  ['a missing date', 'Patient?birthdate:missing=true', ['q']],
  ['a date that is there', 'Patient?birthdate:missing=false', ['p']],
  ['a missing string', 'Patient?family:missing=true', ['q']],
  ['a missing reference', 'Patient?general-practitioner:missing=true', ['p']],
  ['a link that is there', 'Condition?patient:missing=false', ['c1', 'c2', 'c3']],
  ['a missing uri', 'ValueSet?url:missing=true', []],
  ['a missing position', 'Location?near:missing=true', ['elsewhere']],
  ['a uri', 'ValueSet?url=http://x.example/a', ['u2']],
  ['uris below', 'ValueSet?url:below=http://x.example/a', ['u1', 'u2']],
  ['uris above', 'ValueSet?url:above=http://x.example/a/b/c', ['u1', 'u2']],
  ['places near', 'Location?near=52.52|13.405|5|km', ['campus', 'house']],
  ['places very near', 'Location?near=52.52|13.405|100|m', ['campus']],
  ['the items of a list', 'Condition?_list=l', ['c1']],
  ['the items of a list, of another type', 'Patient?_list=l', ['p']],
  ['an unknown list', 'Patient?_list=unknown', []],
  ['a folded name', 'Patient?family=muller', ['p']],
  ['the case of an exact name', 'Patient?family:exact=müller', []],
  ['a part of a name', 'Patient?name:contains=üll', ['p']],
  ['the stem of a word', 'Patient?_text=horse farmers', ['p']],
  ['a phrase', 'Patient?_text="friendly farmer"', ['p']],
  ['words of a phrase in another order', 'Patient?_text="farmer friendly"', []],
  ['a word that is not in the narrative', 'Patient?_text=married', []],
  ['a word that is in the content', 'Patient?_content=married', ['p']],
  ['words with or', 'Condition?_content=nose or broken', ['c1', 'c2']],
  ['words without another', 'Condition?_content=nose -jump', []],
  ['no word but an excluded one', 'Patient?_content=-married', ['q']],
  ['a narrative without a word that is elsewhere', 'Patient?_text=farmer -married', ['p']],
  ['no narrative with a word', 'Patient?_text=-farmer', ['q']],
  ['a stored value set', 'Condition?clinical-status:in=http://x.example/vs', ['c1', 'c3']],
  ['a stored value set by reference', 'Condition?clinical-status:in=ValueSet/v', ['c1', 'c3']],
  ['what is not in it', 'Condition?clinical-status:not-in=http://x.example/vs', ['c2']],
  ['a standard value set', 'Condition?clinical-status:in=http://hl7.org/fhir/ValueSet/condition-clinical', ['c1', 'c2', 'c3']], // prettier-ignore
  ['below a standard code', `Condition?clinical-status:below=${STATUS}|active`, ['c1', 'c2']],
  ['below a stored code', `Condition?severity:below=${URGENCY}|urgent`, ['c3']],
  ['above a stored code', `Condition?severity:above=${URGENCY}|very`, ['c3']],
  ['not a code', `Condition?clinical-status:not=${STATUS}|active`, ['c2', 'c3']],
  ['a code in any system', 'Condition?clinical-status=active', ['c1']],
  ['a code without a system', 'Condition?clinical-status=|active', []],
  ['any code of a system', `Condition?severity=${URGENCY}|`, ['c3']],
])('Found is %s.', async (_title, path, expected) => {
  expect(await ids(path)).toEqual(expected);
});

test.each(['((&|!:*', ':*', '!!!', '"', '"unclosed', '& | !', "'; drop table x; --", '\\', '<->', 'a:*b', '𝔘𝔫𝔦', '-', 'or']) // prettier-ignore
('Words that look like the database’s query language are just words: %s', async (text) => {
  for (const parameter of ['_text', '_content'])
    expect(await ids(`Patient?${parameter}=${encodeURIComponent(text)}`)).toEqual([]);
});

test.each([
  ['Condition?code:in=http://x.example/unknown', 'code'],
  ['Condition?code:not-in=http://x.example/unknown', 'code'],
  ['Condition?severity:below=http://x.example/unknown|1', 'severity'],
])('What cannot be looked up is told of its parameter: %s', async (path, expression) => {
  expect((await refusal(path)).expression).toBe(expression);
});

test.each([
  ['an unknown modifier', 'Patient?active:nonsense=true', 'not-supported'],
  ['a modifier of another type', 'Patient?birthdate:exact=2020', 'not-supported'],
  ['a modifier of a special parameter', 'Patient?_list:not=p', 'not-supported'],
  ['missing that is neither true nor false', 'Patient?active:missing=maybe', 'invalid'],
  ['an unknown value set', 'Condition?code:in=http://x.example/unknown', undefined],
  ['an unknown code system', 'Condition?code:below=http://x.example/unknown|1', undefined],
  ['a malformed place', 'Location?near=north', 'invalid'],
  ['a malformed date', 'Patient?birthdate=yesterday', 'invalid'],
  ['an empty value', 'Patient?family=', 'invalid'],
  ['an empty alternative', 'Patient?family=a,,b', 'invalid'],
  ['a named list', 'Patient?_list=$current-problems', 'invalid'],
])('Refused is %s.', async (_title, path, code) => {
  const refused = await refusal(path);
  expect(refused.status).toBe(400);
  expect(refused.code).toBe(code ?? refused.code);
  expect(refused.diagnostics).not.toBe('');
});
