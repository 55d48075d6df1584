/** A policy that could not be carried out is refused when it is saved, with the place of the fault. */
import { expect, test } from '@jest/globals';
import { policyFaults, SHIPPED_POLICIES } from '../../src/access/index.ts';
import { createRegistry } from '../../src/reindex/index.ts';

const context = { registry: createRegistry(), baseUrl: 'https://x.example/fhir/R4' };
const rule = { resourceType: 'Observation', interactions: ['read', 'search-type'] };
const places = (document: unknown): string[] =>
  policyFaults(document, context).map(({ expression }) => expression);
const placesOf = (part: object): string[] => places({ name: 'x', rules: [rule, { ...rule, ...part }] });

test('The policies that come with the server are good, and so are rules of all kinds.', () => {
  for (const policy of SHIPPED_POLICIES) expect([policy.name, places(policy)]).toEqual([policy.name, []]);
  const parts = [
    { resourceType: '*', interactions: '*' },
    { criteria: 'status=final&category=laboratory' },
    { criteria: 'subject=%patient' },
    { criteria: 'performer=%practitioner&status:not=preliminary' },
    { compartment: 'Patient' },
    { patients: ['organization=%organization', '_has:CareTeam:patient:participant=%practitioner'] },
    { resourceType: '*', criteria: '_security:not=http://x|y' },
  ];
  for (const part of parts) expect([part, placesOf(part)]).toEqual([part, []]);
});

test.each<[string, object, string]>([
  ['an unknown type', { resourceType: 'Nothing' }, 'resourceType'],
  ['a type that is no text', { resourceType: ['Patient'] }, 'resourceType'],
  ['an unknown interaction', { interactions: ['read', 'write'] }, 'interactions'],
  ['no interaction', { interactions: [] }, 'interactions'],
  ['a pattern of interactions', { interactions: 'read' }, 'interactions'],
  ['an unknown parameter', { criteria: 'nothing=x' }, 'criteria'],
  ['a parameter of another type', { criteria: 'birthdate=2000' }, 'criteria'],
  ['a parameter that does not filter', { criteria: '_count=1' }, 'criteria'],
  ['an include', { criteria: '_include=*' }, 'criteria'],
  ['a chain, which no single resource decides', { criteria: 'subject:Patient.name=x' }, 'criteria'],
  ['a reverse chain', { criteria: '_has:Observation:subject:code=x' }, 'criteria'],
  ['an unknown variable', { criteria: 'subject=%everybody' }, 'criteria'],
  ['an empty value', { criteria: 'status=' }, 'criteria'],
  ['no search', { criteria: '' }, 'criteria'],
  ['a value that is none', { criteria: 'date=yesterday' }, 'criteria'],
  ['a question mark', { criteria: '?status=final' }, 'criteria'],
  ['another compartment', { compartment: 'Practitioner' }, 'compartment'],
  ['patients by a parameter that Patient does not have', { patients: ['nothing=x'] }, 'patients'],
  ['patients by what no relation is made of', { patients: ['_has:Observation:patient:code=x'] }, 'patients'],
  ['patients by an unknown variable', { patients: ['general-practitioner=%me'] }, 'patients'],
  ['no patients', { patients: [] }, 'patients'],
  [
    'patients of a type that belongs to none',
    { resourceType: 'Location', patients: ['organization=%organization'] },
    'patients',
  ],
  ['a limit that is misspelt', { critera: 'status=final' }, 'critera'],
])('A rule with %s is refused at its place (attack 29).', (_what, part, member) => {
  expect(placesOf(part)).toEqual([`rules[1].${member}`]);
});

test('What is no policy is refused.', () => {
  for (const document of [null, [], 'x', 7]) expect(places(document)).toEqual(['policy']);
  expect(places({ name: 'x' })).toEqual(['rules']);
  expect(places({ name: 'Not A Name', rules: [] })).toEqual(['name']);
  expect(places({ name: 'x', rules: [null], administration: 'yes', more: 1 })).toEqual(['more', 'administration', 'rules[0]']); // prettier-ignore
  const more = {
    clearance: ['X'],
    purposes: 'TREAT',
    emergency: 'yes',
    elements: [
      { resourceType: 'Nothing' },
      { resourceType: 'Patient', hidden: ['telecom.value'], secret: [] },
      null,
    ],
  };
  expect(places({ name: 'x', rules: [], ...more })).toEqual([
    'emergency',
    'clearance',
    'purposes',
    'elements[0].resourceType',
    'elements[1].secret',
    'elements[1].hidden',
    'elements[2]',
  ]);
  const good = {
    clearance: ['R', 'consent'],
    purposes: ['TREAT'],
    emergency: true,
    administration: true,
    elements: [{ resourceType: 'Patient', hidden: ['telecom'], readonly: ['deceased'] }],
  };
  expect(places({ name: 'x', rules: [], ...good })).toEqual([]);
  expect(places({ name: 'x', rules: Array(1_001).fill(rule) })).toEqual(['rules']);
});
