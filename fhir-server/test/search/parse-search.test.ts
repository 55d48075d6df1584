import { describe, expect, test } from '@jest/globals';
import type { FhirError } from '../../src/fhir/outcome.ts';
import { type Comparison, type Expression, parseSearch, type SearchRequest } from '../../src/search/index.ts';
import { registry } from './standard-registry.ts';

const NOW = new Date('2024-01-11T00:00:00Z');
const DAY_MS = 86_400_000;
const options = {
  registry,
  baseUrl: 'http://localhost:8103/fhir/R4',
  pageSize: 20,
  pageSizeMax: 100,
  handling: 'lenient',
  now: NOW,
} as const;

const parse = (type: string, query: string, handling: 'strict' | 'lenient' = 'lenient'): SearchRequest =>
  parseSearch(type, new URLSearchParams(query), { ...options, handling });
const filter = (type: string, query: string): Expression => parse(type, query).filter;

function comparison(query: string, type = 'Observation'): Comparison {
  const found = filter(type, query);
  if (found.kind !== 'range' && found.kind !== 'lastUpdated') throw new Error(found.kind);
  return found.comparison;
}

function refusal(type: string, query: string, handling: 'strict' | 'lenient' = 'lenient') {
  try {
    parse(type, query, handling);
  } catch (error) {
    const { status, outcome } = error as FhirError;
    return { status, code: outcome.issue[0]?.code, expression: outcome.issue[0]?.expression?.[0] };
  }
  throw new Error(`${query} was accepted`);
}

describe('a code without a system', () => {
  test.each([
    'gender=http://loinc.org|male',
    'gender=http://loinc.org|',
    'gender=http://hl7.org/fhir/administrative-gender|none',
  ])('is never that of %s', (query) => {
    expect(filter('Patient', query)).toEqual({ kind: 'none' });
  });
});

describe('_id', () => {
  test.each([
    ['_id=a,|b', { kind: 'id', ids: ['a', 'b'] }],
    ['_id=http://loinc.org|a', { kind: 'none' }],
    ['_id:not=a,b', { kind: 'not', of: { kind: 'id', ids: ['a', 'b'] } }],
    ['_id:missing=false', { kind: 'all' }],
    ['_id:missing=true', { kind: 'none' }],
  ])('%s', (query, expression) => {
    expect(filter('Patient', query)).toEqual(expression);
  });
});

describe('quantities in canonical units', () => {
  const gram = (text: string): Comparison => comparison(`value-quantity=${text}|http://unitsofmeasure.org|g`);
  test('have an upper bound that does not belong to what is equal', () => {
    expect(gram('1').low).toBe(0.5);
    expect(gram('1').high).toBeLessThan(1.5);
    expect(gram('1').high).toBeGreaterThan(1.4999999);
    expect(gram('ne1').high).toBe(gram('1').high);
    expect(gram('gt1')).toMatchObject({ low: 1, high: 1 });
  });
});

describe('patient, where it is a subject', () => {
  const toPatient = {
    kind: 'or',
    of: [
      { kind: 'key', keys: ['m\nsubject:Patient'] },
      { kind: 'present', store: 'link', param: 'patient' },
    ],
  };
  test.each([
    ['patient=http://other.example/Patient/1', 'r\nsubject\nhttp://other.example/Patient/1'],
    ['patient:identifier=a', 't\nsubject:identifier\na'],
  ])('%s is narrowed to patients', (query, key) => {
    expect(filter('Observation', query)).toEqual({
      kind: 'and',
      of: [{ kind: 'key', keys: [key] }, toPatient],
    });
  });
});

test('URNs have no path', () => {
  expect(refusal('ValueSet', 'url:below=urn:oid:1')).toMatchObject({ status: 400, expression: 'url:below' });
  expect(refusal('ValueSet', 'url:above=urn:oid:1')).toMatchObject({ status: 400, expression: 'url:above' });
});

describe('keys', () => {
  test.each([
    ['Observation', 'code=http://loinc.org|1-2', ['T\ncode\nhttp://loinc.org\n1-2']],
    ['Observation', 'code=1-2', ['t\ncode\n1-2']],
    ['Observation', 'code=|1-2', ['T\ncode\n\n1-2']],
    ['Observation', 'code=http://loinc.org|', ['s\ncode\nhttp://loinc.org']],
    ['Observation', 'code=a,b,a', ['t\ncode\na', 't\ncode\nb']],
    ['Observation', 'code=a\\,b,c\\|d,e\\$f,g\\\\h', ['t\ncode\na,b', 't\ncode\nc|d', 't\ncode\ne$f', 't\ncode\ng\\h']],
    ['Observation', 'subject=Group/1', ['r\nsubject\nGroup/1']],
    ['Observation', 'performer:Patient=1', ['r\nperformer\nPatient/1']],
    ['Observation', 'subject=http://localhost:8103/fhir/R4/Group/1', ['r\nsubject\nGroup/1']],
    ['Observation', 'combo-code=a', ['t\ncode\na', 't\ncomponent-code\na']],
    ['Patient', 'identifier:of-type=http://s|MR|7', ['o\nidentifier\nhttp://s\nMR\n7']],
    ['Observation', 'subject:identifier=http://s|7', ['T\nsubject:identifier\nhttp://s\n7']],
    ['ValueSet', 'url:above=http://a/b/c', ['u\nurl\nhttp://a/b/c', 'u\nurl\nhttp://a/b/', 'u\nurl\nhttp://a/b', 'u\nurl\nhttp://a/', 'u\nurl\nhttp://a']],
    ['Observation', 'subject=http://other.example/Patient/1', ['r\nsubject\nhttp://other.example/Patient/1']],
    ['ValueSet', 'url=http://a.example/v', ['u\nurl\nhttp://a.example/v']],
    ['Patient', '_tag=http://a|b', ['T\n_tag\nhttp://a\nb']],
    ['Patient', '_profile=http://a', ['u\n_profile\nhttp://a']],
    ['Patient', 'gender=http://hl7.org/fhir/administrative-gender|male', ['T\ngender\n\nmale']],
    ['Patient', 'gender=http://hl7.org/fhir/administrative-gender|', ['female', 'male', 'other', 'unknown'].map((code) => `T\ngender\n\n${code}`)],
    ['Patient', 'address-use=http://hl7.org/fhir/address-use|home', ['T\naddress-use\n\nhome']],
    ['Patient', 'active=http://terminology.hl7.org/CodeSystem/special-values|true', ['T\nactive\n\ntrue']],
    ['DocumentReference', 'contenttype=urn:ietf:bcp:13|text/plain', ['T\ncontenttype\n\ntext/plain']],
    ['DocumentReference', 'contenttype=urn:ietf:bcp:13|', ['m\ncontenttype']],
    ['ValueSet', 'version=1.0-BETA', ['t\nversion\n1.0-beta']],
    ['ValueSet', 'version=|A', ['T\nversion\n\na']],
  ])('%s?%s', (type, query, keys) => {
    expect(filter(type, query)).toEqual({ kind: 'key', keys });
  }); // prettier-ignore
});

describe('modifiers', () => {
  test(':not negates the whole list of tokens', () => {
    const of = { kind: 'key', keys: ['t\ncode\na', 't\ncode\nb'] };
    expect(filter('Observation', 'code:not=a,b')).toEqual({ kind: 'not', of });
  });
  test(':[Type] gives an id its type', () => {
    const toPatient = { kind: 'link', link: 'patient', ids: ['1'] };
    for (const param of ['subject', 'subject:Patient', 'patient', 'patient:Patient'])
      expect(filter('Condition', `${param}=Patient/1`)).toEqual(toPatient);
    for (const value of ['1', 'Patient/1'])
      expect(filter('Observation', `subject:Patient=${value}`)).toEqual(toPatient);
    expect(filter('Observation', 'patient=1')).toEqual(toPatient);
    expect(filter('Observation', 'patient=Group/1')).toEqual({ kind: 'none' });
    expect(refusal('Observation', 'subject:Patient=Group/1').code).toBe('invalid');
  });
});

describe('strings', () => {
  test('are normalised: accents, case and white space do not count', () => {
    expect(filter('Patient', 'name=  ÉL%C3%A9onore%20%20d’')).toEqual({
      kind: 'string',
      param: 'name',
      match: 'start',
      value: 'eleonore d’',
    });
  });
  test('may be exact, or contained', () => {
    expect(filter('Patient', 'name:exact=É')).toMatchObject({ match: 'exact', value: 'e', text: 'É' });
    expect(filter('Patient', 'name:contains=É')).toMatchObject({ match: 'contains', value: 'e' });
  });
  test('are joined by or', () => {
    expect(filter('Patient', 'name=a,b')).toMatchObject({ kind: 'or', of: [{ value: 'a' }, { value: 'b' }] });
  });
});

describe('dates', () => {
  const utc = (text: string): number => Date.parse(text);
  test.each([
    ['date=2020', '2020-01-01T00:00:00Z', '2021-01-01T00:00:00Z'],
    ['date=2020-02', '2020-02-01T00:00:00Z', '2020-03-01T00:00:00Z'],
    ['date=2020-12', '2020-12-01T00:00:00Z', '2021-01-01T00:00:00Z'],
    ['date=2020-02-29', '2020-02-29T00:00:00Z', '2020-03-01T00:00:00Z'],
    ['date=2020-02-29T10:30', '2020-02-29T10:30:00Z', '2020-02-29T10:31:00Z'],
    ['date=2020-02-29T10:30:05Z', '2020-02-29T10:30:05Z', '2020-02-29T10:30:06Z'],
    ['date=2020-02-29T10:30:05%2B02:00', '2020-02-29T08:30:05Z', '2020-02-29T08:30:06Z'],
    ['date=2020-02-29T10:30:05+02:00', '2020-02-29T08:30:05Z', '2020-02-29T08:30:06Z'],
    ['date=2020-02-29T10:30:05.25Z', '2020-02-29T10:30:05.250Z', '2020-02-29T10:30:05.260Z'],
  ])('%s covers its whole precision', (query, low, end) => {
    expect(comparison(query)).toEqual({ prefix: 'eq', low: utc(low), high: utc(end) - 1 });
  });
  test('have all prefixes', () => {
    for (const prefix of ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb'] as const)
      expect(comparison(`date=${prefix}2020`).prefix).toBe(prefix);
  });
  test('ap widens by a tenth of the distance to now', () => {
    expect(comparison('date=ap2024-01-01').low).toBe(utc('2024-01-01') - 0.95 * DAY_MS);
  });
  test('years below 100 are not taken for 19xx', () => {
    expect(comparison('date=0099').low).toBe(Date.parse('0099-01-01T00:00:00Z'));
  });
  test('_lastUpdated compares the column', () => {
    expect(filter('Patient', '_lastUpdated=gt2020')).toMatchObject({ kind: 'lastUpdated' });
  });
});

describe('numbers and quantities', () => {
  test.each([
    ['100', 99.5, 100.5],
    ['100.00', 99.995, 100.005],
    ['1e2', 50, 150],
    ['5.40', 5.395, 5.405],
    ['-7', -7.5, -6.5],
    ['0', -0.5, 0.5],
  ])('%s has the range of its precision, open above', (text, low, end) => {
    const found = comparison(`value-quantity=${text}`);
    expect(found.low).toBe(low);
    expect(found.high).toBeLessThan(end);
    expect(found.high).toBeCloseTo(end, 10);
  });
  test('ordering prefixes compare with the exact value', () => {
    expect(comparison('value-quantity=lt5.40')).toEqual({ prefix: 'lt', low: 5.4, high: 5.4 });
  });
  test('ap is within a tenth', () => {
    expect(comparison('value-quantity=ap-100')).toEqual({ prefix: 'ap', low: -110, high: -90 });
  });
  test('units with and without a system', () => {
    expect(comparison('value-quantity=gt5|http://u|mg').unit).toEqual({ system: 'http://u', code: 'mg' });
    expect(comparison('value-quantity=gt5||mg').unit).toEqual({ code: 'mg' });
  });
  test('number parameters', () => {
    expect(comparison('probability=gt0.8', 'RiskAssessment')).toEqual({ prefix: 'gt', low: 0.8, high: 0.8 });
  });
});

describe('results', () => {
  test('defaults', () => {
    expect(parse('Patient', '')).toEqual({
      resourceType: 'Patient', filter: { kind: 'all' }, sort: [], count: 20, summary: 'false', total: 'none',
      includes: [], revincludes: [], understood: [], warnings: [],
    }); // prettier-ignore
  });
  test('all together, in the order given', () => {
    const query =
      '_id=a,b&_sort=-birthdate,name,_id,-_lastUpdated&_count=1000&_summary=count&_total=estimate&_format=json';
    const found = parse('Patient', query);
    expect(found).toMatchObject({ count: 100, summary: 'count', total: 'estimate' });
    expect(found.filter).toEqual({ kind: 'id', ids: ['a', 'b'] });
    expect(found.sort).toEqual([
      { param: 'birthdate', type: 'range', of: ['birthdate'], descending: true },
      { param: 'name', type: 'string', of: ['name'], descending: false },
      { param: '_id', type: 'id', descending: false },
      { param: '_lastUpdated', type: 'lastUpdated', descending: true },
    ]);
    expect(found.understood.map(([name]) => name)).toEqual(['_id', '_sort', '_count', '_summary', '_total']);
  });
  test('a count of 0 is allowed', () => {
    expect(parse('Patient', '_count=0').count).toBe(0);
  });
  test('repeated parameters are joined by and', () => {
    expect(filter('Patient', 'name=a&name=b')).toMatchObject({
      kind: 'and',
      of: [{ value: 'a' }, { value: 'b' }],
    });
  });
});

describe('refusals', () => {
  test.each([
    ['date=2023-02-30', 'date'], ['date=2023-13', 'date'], ['date=x', 'date'], ['date=2020-01-01T24:00', 'date'],
    ['date=2020-01-01T10', 'date'], ['date=2020-01-01T10:00:00%2B99:00', 'date'], ['date=gt', 'date'],
    ['value-quantity=abc', 'value-quantity'], ['value-quantity=5|a', 'value-quantity'],
    ['value-quantity=5|a|', 'value-quantity'], ['value-quantity=1e999', 'value-quantity'],
    ['value-quantity=', 'value-quantity'], ['code=', 'code'], ['code=a,', 'code'], ['code=|', 'code'],
    ['code=a|b|c', 'code'], ['code=%00', 'code'], ['value-string=%20', 'value-string'],
    ['_count=-1', '_count'], ['_count=x', '_count'], ['_count=1&_count=2', '_count'], ['_total=x', '_total'],
    ['_summary=x', '_summary'], ['_sort=nonsense', '_sort'], ['_sort=', '_sort'], ['_lastUpdated=x', '_lastUpdated'],
    [`code=${'a,'.repeat(500)}a`, 'code'], ['code.name=a', 'code.name'], ['subject:Medication.name=a', 'subject:Medication.name'],
    ['_has:Observation:code:date=2020', '_has'], ['_has:Nothing:subject:date=2020', '_has'], ['_include=a:b', '_include'],
    ['_include=Observation:code', '_include'], ['_revinclude=*', '_revinclude'], ['code:missing=x', 'code:missing'],
    ['_elements=a.b', '_elements'], ['_list=$current', '_list'], ['code-value-quantity=a', 'code-value-quantity'],
    ['identifier:of-type=a|b', 'identifier'], ['code:below=a', 'code'], ['date=po', 'date'],
  ])('%s is invalid', (query, expression) => {
    expect(refusal('Observation', query)).toEqual({ status: 400, code: 'invalid', expression });
  }); // prettier-ignore

  test.each([
    ['date:not=2020', 'date:not'], ['code:not:not=a', 'code:not:not'], ['subject:Medication=1', 'subject:Medication'],
    ['_count:not=1', '_count:not'], ['_include:x=Observation:subject', '_include'], ['subject.nonsense=a', 'subject.nonsense'],
    ['_query=a', '_query'], ['_type=a', '_type'], ['_contained=true', '_contained'], ['_score=a', '_score'],
    ['_sort=code-value-quantity', '_sort'], ['_id:text=1', '_id:text'], ['_lastUpdated:missing=true', '_lastUpdated:missing'],
  ])('%s is not supported and says so', (query, expression) => {
    expect(refusal('Observation', query)).toEqual({ status: 400, code: 'not-supported', expression });
  }); // prettier-ignore

  test('an unknown parameter is a warning, or an error under strict handling', () => {
    const found = parse('Patient', 'foo=1&name=a');
    expect(found.warnings).toMatchObject([{ severity: 'warning', expression: ['foo'] }]);
    expect(found.understood).toEqual([['name', 'a']]);
    expect(refusal('Patient', 'foo=1', 'strict')).toMatchObject({ status: 400, expression: 'foo' });
  });
  test('more than fifty parameters are too many', () => {
    expect(refusal('Patient', 'name=a&'.repeat(51)).status).toBe(400);
  });
});
