/** What structure alone does not show: each kind of rule, with where it is told; and what must not be refused. */
import { describe, expect, test } from '@jest/globals';
import type { Patient } from '@medplum/fhirtypes';
import { extractIndex } from '../../src/search/index.ts';
import { validate, validateResource } from '../../src/validate/index.ts';
import { registry } from '../search/standard-registry.ts';

const XHTML = 'http://www.w3.org/1999/xhtml';
const STANDARD = 'http://hl7.org/fhir/StructureDefinition/';
const patient = (rest: object): object => ({ resourceType: 'Patient', ...rest });
const observation = (rest: object): object => ({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, ...rest }); // prettier-ignore
const narrative = (inside: string): object =>
  patient({ text: { status: 'generated', div: `<div xmlns="${XHTML}">${inside}</div>` } });
const bundle = (type: string, ...entry: object[]): object => ({ resourceType: 'Bundle', type, entry });
const UUID = 'urn:uuid:0c3201bd-1cbf-4d64-b04d-cd9187a4c6e0';
const composition = {
  resourceType: 'Composition',
  status: 'final',
  type: { text: 'x' },
  date: '2024-01-01',
  author: [{ reference: UUID }],
  title: 'x',
};
const document = (...entry: object[]): object => ({
  ...bundle('document', { fullUrl: 'http://a/Composition/1', resource: composition }, ...entry),
  identifier: { system: 'http://a', value: '1' },
  timestamp: '2024-01-01T00:00:00Z',
});

const refused: [title: string, resource: object, code: string, expression: string][] = [
  ['an invariant of a data type', patient({ identifier: [{ period: { start: '2024-02', end: '2024-01' } }] }), 'invariant', 'Patient.identifier[0].period'],
  ['an invariant of a backbone element', patient({ contact: [{ gender: 'male' }] }), 'invariant', 'Patient.contact[0]'],
  ['an invariant of the resource', observation({ valueString: 'x', dataAbsentReason: { text: 'x' } }), 'invariant', 'Observation'],
  ['an invariant where elements repeat themselves', { resourceType: 'Questionnaire', status: 'draft', item: [{ linkId: '1', type: 'group', item: [{ linkId: '2', type: 'group' }] }] }, 'invariant', 'Questionnaire.item[0].item[0]'],
  ['an invariant of a contained resource', patient({ contained: [observation({ id: 'a', referenceRange: [{ age: { low: { value: 1 } } }] })], extension: [{ url: 'http://a', valueReference: { reference: '#a' } }] }), 'invariant', 'Patient.contained[0].referenceRange[0]'],
  ['a range that ends before it begins', observation({ valueRange: { low: { value: 2, unit: 'a' }, high: { value: 1, unit: 'a' } } }), 'invariant', 'Observation.valueRange'],
  ['a standard extension in the wrong place', observation({ extension: [{ url: `${STANDARD}patient-birthPlace`, valueAddress: { city: 'x' } }] }), 'extension', 'Observation.extension[0]'],
  ['a standard extension with the wrong value', patient({ extension: [{ url: `${STANDARD}patient-birthPlace`, valueString: 'x' }] }), 'value', 'Patient.extension[0]'],
  ['a standard extension twice', patient({ extension: [1, 2].map(() => ({ url: `${STANDARD}patient-birthPlace`, valueAddress: { city: 'x' } })) }), 'structure', 'Patient.extension[1]'],
  ['an unknown part of a standard extension', patient({ extension: [{ url: `${STANDARD}patient-nationality`, extension: [{ url: 'colour', valueString: 'x' }] }] }), 'extension', 'Patient.extension[0].extension[0].url'],
  ['a standard extension on a primitive of another element', patient({ gender: 'male', _gender: { extension: [{ url: `${STANDARD}patient-birthTime`, valueDateTime: '2024-01-01T00:00:00Z' }] } }), 'extension', 'Patient.gender.extension[0]'],
  ['a contained resource that nothing refers to', patient({ contained: [observation({ id: 'a' })] }), 'invariant', 'Patient.contained[0]'],
  ['two contained resources of one id', patient({ contained: [observation({ id: 'a' }), observation({ id: 'a' })], generalPractitioner: [{ reference: '#a' }] }), 'duplicate', 'Patient.contained[1].id'],
  ['a version of a contained resource', patient({ contained: [{ resourceType: 'Organization', id: 'a', name: 'x', meta: { versionId: '1' } }], managingOrganization: { reference: '#a' } }), 'invariant', 'Patient'],
  ['a reference to nothing that is contained', patient({ managingOrganization: { reference: '#a' } }), 'invariant', 'Patient.managingOrganization.reference'],
  ['a reference to a contained resource of a wrong type', patient({ contained: [observation({ id: 'a' })], managingOrganization: { reference: '#a' } }), 'value', 'Patient.managingOrganization.reference'],
  ['a type that the reference may not have', patient({ managingOrganization: { type: 'Patient', display: 'x' } }), 'value', 'Patient.managingOrganization.type'],
  ['a type other than the reference has', patient({ generalPractitioner: [{ reference: 'Organization/1', type: 'Practitioner' }] }), 'value', 'Patient.generalPractitioner[0].type'],
  ['a language that is none', patient({ language: 'not a language' }), 'code-invalid', 'Patient.language'],
  ['a MIME type that is none', patient({ photo: [{ contentType: 'picture', data: 'AAAA' }] }), 'code-invalid', 'Patient.photo[0].contentType'],
  ['a currency that is none', { resourceType: 'Invoice', status: 'draft', totalNet: { value: 1, currency: 'QQQ' } }, 'code-invalid', 'Invoice.totalNet.currency'],
  ['a string of more than a megabyte', patient({ name: [{ family: 'x'.repeat(1024 * 1024 + 1) }] }), 'value', 'Patient.name[0].family'],
  ['a fullUrl that is relative', bundle('collection', { fullUrl: 'Patient/1', resource: patient({ id: '1' }) }), 'value', 'Bundle.entry[0].fullUrl'],
  ['a fullUrl with a version', bundle('collection', { fullUrl: 'http://a/Patient/1/_history/1', resource: patient({ id: '1' }) }), 'invariant', 'Bundle.entry[0]'],
  ['a fullUrl of another id', bundle('collection', { fullUrl: 'http://a/Patient/2', resource: patient({ id: '1' }) }), 'value', 'Bundle.entry[0].fullUrl'],
  ['the same fullUrl twice', bundle('collection', ...[1, 2].map(() => ({ fullUrl: UUID, resource: patient({ active: true }) }))), 'invariant', 'Bundle'],
  ['a message that begins with something else', bundle('message', { fullUrl: UUID, resource: patient({ active: true }) }), 'invariant', 'Bundle'],
  ['a message without entries', { resourceType: 'Bundle', type: 'message' }, 'invariant', 'Bundle'],
  ['a reference of a document to nothing in it', document(), 'not-found', 'Bundle.entry[0].resource.author[0].reference'],
  ['a reference to a resource of a wrong type in the Bundle', document({ fullUrl: UUID, resource: observation({}) }), 'value', 'Bundle.entry[0].resource.author[0].reference'],
]; // prettier-ignore

describe('A resource is refused for', () => {
  test.each(refused)('%s', (_title, resource, code, expression) => {
    const found = validateResource(resource).map((i) => ({ code: i.code, expression: i.expression?.[0] }));
    expect(found).toContainEqual({ code, expression });
  });
});

const narratives: [title: string, inside: string, accepted: boolean][] = [
  ['plain text', 'a &lt; b', true],
  ['a table with styles', '<table class="grid" style="color:red"><tbody><tr><td colspan="2">x</td></tr></tbody></table>', true],
  ['links and mail addresses', '<a href="https://a/b">x</a><a href="mailto:a@b.c">x</a><a name="x"/>', true],
  ['a picture in the text', '<img src="data:image/png;base64,AAAA" alt="x"/>', true],
  ['a picture in a style', '<p style="background: url(data: image/png;base64,AAAA)">x</p>', true],
  ['white space only', ' \n ', false],
  ['a script', '<script>x</script>', false],
  ['a script in a comment, which is none', '<!-- <script/> -->x', true],
  ['an event', '<p onclick="x()">x</p>', false],
  ['a link that runs', '<a href="javascript:x()">x</a>', false],
  ['a link that runs, hidden by an entity and white space', '<a href="java&#10;script:x()">x</a>', false],
  ['a link that is data', '<a href="data:text/html,x">x</a>', false],
  ['a picture that is a drawing', '<img src="data:image/svg+xml;base64,AAAA"/>', false],
  ['a form', '<form><input/></form>', false],
  ['a frame', '<iframe src="https://a"/>', false],
  ['a style that loads', '<p style="background: url(//a/b)">x</p>', false],
  ['a style that runs', '<p style="width: expression(x())">x</p>', false],
  ['a style sheet', '<style>p {}</style>', false],
  ['another namespace', '<svg xmlns="http://www.w3.org/2000/svg"/>x', false],
  ['an element under another prefix', `<x:script xmlns:x="${XHTML}">x</x:script>`, false],
  ['an element that is not closed', '<p>x', false],
  ['an entity of HTML', 'a&nbsp;b', false],
  ['deprecated elements', '<font color="red">x</font>', false],
  ['a section of CDATA', '<![CDATA[<script>]]>', false],
]; // prettier-ignore

describe('Narrative', () => {
  test.each(narratives)('%s', (_title, inside, accepted) => {
    const found = validateResource(narrative(inside)).map((i) => [i.code, i.expression?.[0]]);
    expect(found).toEqual(accepted ? [] : [['value', 'Patient.text.div']]);
  });

  test('has nothing around it, and no DOCTYPE that makes entities', () => {
    for (const div of [
      `<div xmlns="${XHTML}">a</div><div xmlns="${XHTML}">b</div>`,
      `<!DOCTYPE div [<!ENTITY a "b">]><div xmlns="${XHTML}">&a;</div>`,
      '<div>a</div>',
      `<p xmlns="${XHTML}">a</p>`,
      'text',
    ])
      expect(validateResource(patient({ text: { status: 'generated', div } }))).toHaveLength(1);
  });
});

describe('A resource is accepted with', () => {
  test.each([
    ['a period of different precision', patient({ identifier: [{ period: { start: '2012', end: '2012-05' } }] })],
    ['ranges in units that cannot be compared', observation({ valueRange: { low: { value: 2, unit: 'a' }, high: { value: 1, unit: 'b' } } })],
    ['an extension of nobody here', patient({ extension: [{ url: 'http://a/b', valueString: 'x' }] })],
    ['a standard extension on any element', patient({ birthDate: '2020', _birthDate: { extension: [{ url: `${STANDARD}data-absent-reason`, valueCode: 'unknown' }] } })],
    ['a standard extension on a part of a name', patient({ name: [{ family: 'a', _family: { extension: [{ url: `${STANDARD}humanname-fathers-family`, valueString: 'x' }] } }] })],
    ['a contained resource that refers to its container', patient({ contained: [{ resourceType: 'Provenance', id: 'a', target: [{ reference: '#' }], recorded: '2024-01-01T00:00:00Z', agent: [{ who: { reference: 'Patient/1' } }] }] })],
    ['a contained resource that another one refers to', patient({ contained: [{ resourceType: 'Organization', id: 'a', partOf: { reference: '#b' } }, { resourceType: 'Organization', id: 'b', name: 'x' }].map((o) => ({ name: 'x', ...o })), managingOrganization: { reference: '#a' } })],
    ['a document that is whole', document({ fullUrl: UUID, resource: { resourceType: 'Practitioner', active: true } })],
    ['a string of a megabyte', patient({ name: [{ family: 'x'.repeat(1024 * 1024) }] })],
  ])('%s', (_title, resource) => {
    expect(validateResource(resource)).toEqual([]);
  }); // prettier-ignore
});

test('Warnings and information are told to who asks, and refuse nothing', () => {
  const resource = patient({
    modifierExtension: [{ url: 'http://a/b', valueBoolean: true }],
    extension: [{ url: `${STANDARD}patient-shoeSize`, valueString: 'x' }],
    maritalStatus: { coding: [{ system: 'http://a', code: 'b' }] },
  });
  expect(validateResource(resource)).toEqual([]);
  const found = validate(resource).issues.map((i) => [i.severity, i.code, i.expression?.[0]]);
  expect(found).toEqual([
    ['warning', 'invariant', 'Patient'],
    ['warning', 'extension', 'Patient.modifierExtension[0].url'],
    ['warning', 'extension', 'Patient.extension[0].url'],
    ['warning', 'code-invalid', 'Patient.maritalStatus'],
  ]);
});

test('Codes of value sets that are not in memory are handed out', () => {
  const resource = observation({ category: [{ coding: [{ system: 'http://a', code: 'b' }] }], interpretation: [{ text: 'x' }], bodySite: { coding: [{ system: 'http://snomed.info/sct', code: '1' }] }, method: { text: 'x' } }); // prettier-ignore
  const { open } = validate({ ...resource, resourceType: 'Observation' });
  expect(open).toEqual([]);
  const study = {
    resourceType: 'ImagingStudy',
    status: 'available',
    subject: { reference: 'Patient/1' },
    series: [{ uid: '1.2', modality: { system: 'http://x', code: 'y' } }],
  };
  expect(validate(study).open).toEqual([
    {
      expression: 'ImagingStudy.series[0].modality',
      valueSet: 'http://dicom.nema.org/medical/dicom/current/output/chtml/part16/sect_CID_29.html',
      strength: 'extensible',
      codings: [{ system: 'http://x', code: 'y' }],
    },
  ]);
});

test('Extensions whose definitions come from elsewhere are held to them', () => {
  const url = 'http://a/b';
  const extensions = (asked: string) =>
    asked === url ? { url, contexts: ['Patient'], min: 0, max: '1', types: ['string'] } : undefined;
  const extension = [{ url, valueString: 'x' }];
  expect(validateResource(patient({ extension }), extensions)).toEqual([]);
  const [found] = validateResource(observation({ extension }), extensions);
  expect([found?.code, found?.expression]).toEqual(['extension', ['Observation.extension[0]']]);
});

test('No message repeats what the resource says', () => {
  const secret = 'Erika-Mustermann';
  const resources = [
    patient({ language: secret, managingOrganization: { reference: `#${secret}` } }),
    patient({ contained: [observation({ id: secret })] }),
    patient({ extension: [{ url: `${STANDARD}${secret}`, valueString: secret }] }),
    narrative(`<p title="${secret}">${secret}<script>${secret}</script></p>`),
    narrative(`<p>${secret}`),
    bundle('collection', { fullUrl: secret, resource: patient({ id: secret }) }),
  ];
  for (const resource of resources) {
    const found = validate(resource).issues;
    expect(found.length).toBeGreaterThan(0);
    expect(JSON.stringify(found)).not.toContain(secret);
  }
});

test('There are at most a hundred issues, and the rest of the resource is left alone', () => {
  const contact = Array.from({ length: 500 }, () => ({ gender: 'male' }));
  expect(validateResource(patient({ contact }))).toHaveLength(100);
});

test('Neither malformed elements nor deep ones make validation fail', () => {
  const odd: unknown[] = [null, 1, 'x', [], {}, [null], [[]], [{}], { a: null }];
  for (const value of odd)
    for (const name of [
      'text',
      'contained',
      'extension',
      '_birthDate',
      'identifier',
      'managingOrganization',
      'meta',
      'contact',
    ])
      // prettier-ignore
      expect(() => validate(patient({ [name]: value }))).not.toThrow();
  for (const value of odd)
    for (const name of ['entry', 'type', 'link', 'total'])
      expect(() => validate({ resourceType: 'Bundle', type: 'document', [name]: value })).not.toThrow();
  let extension: object = { url: 'http://a', valueString: 'x' };
  for (let i = 0; i < 200; i += 1) extension = { url: 'http://a', extension: [extension] };
  expect(validateResource(patient({ extension: [extension] }))).toEqual([]);
});

test('A resource with very many contained ones, and as many names, costs no more for each.', () => {
  const count = 40_000;
  const many = <T>(make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
  const large = {
    resourceType: 'Patient',
    name: many((i) => ({ family: `Family ${i}` })),
    contained: many((i) => ({ resourceType: 'Organization', id: `o${i}`, name: 'x' })),
    generalPractitioner: many((i) => ({ reference: `#o${i}` })),
  };
  expect(validateResource(large)).toEqual([]);
  const { strings } = extractIndex(large as Patient, { registry, baseUrl: 'http://localhost/fhir/R4' });
  expect(strings.filter(({ param }) => param === 'family')).toHaveLength(count);
}, 60_000);

describe('The paths of a StructureDefinition', () => {
  const definition = (of: 'snapshot' | 'differential', paths: readonly string[], more: object = {}) => ({ resourceType: 'StructureDefinition', url: 'http://x.example/s', name: 'S', status: 'draft', kind: 'resource', abstract: false, type: 'Patient', baseDefinition: `${STANDARD}Patient`, derivation: 'constraint', ...more, [of]: { element: paths.map((path) => ({ id: path, path, ...(of === 'snapshot' && { definition: 'x', min: 0, max: '1', base: { path, min: 0, max: '1' } }) })) } }); // prettier-ignore
  const faults = (resource: object): string[] =>
    validateResource(resource).flatMap(({ diagnostics = '' }) => /sdf-8a?\b/.exec(diagnostics) ?? []);

  test.each<[string, object, string[]]>([
    ['a differential of its type', definition('differential', ['Patient', 'Patient.name', 'Patient.name.given']), []],
    ['a differential without its root', definition('differential', ['Patient.name', 'Patient.gender']), []],
    ['a differential of another type', definition('differential', ['Group.name']), ['sdf-8a']],
    ['an element of another type', definition('differential', ['Patient.name', 'Group.name']), ['sdf-8a']],
    ['a logical model of any name', definition('differential', ['Own', 'Own.part'], { kind: 'logical' }), []],
    ['a snapshot of its type', definition('snapshot', ['Patient', 'Patient.name']), []],
    ['a snapshot of another type', definition('snapshot', ['Group', 'Group.name']), ['sdf-8']],
    ['a snapshot with an element elsewhere', definition('snapshot', ['Patient', 'Group.name']), ['sdf-8']],
  ])('%s', (_, resource, expected) => {
    expect(faults(resource)).toEqual(expected);
  }); // prettier-ignore

  test('are looked at once, however many there are.', () => {
    const paths = ['Patient', ...Array.from({ length: 30_000 }, (_, i) => `Patient.x${i}`)];
    expect(faults(definition('differential', paths))).toEqual([]);
  }, 60_000);
});
