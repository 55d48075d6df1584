/** A search as text and as rows, there and back. */
import { expect, test } from '@jest/globals';
import { auditSearch } from '../app/pure/audit-search.ts';
import { parseSearchText, searchTextOf } from '../app/pure/search-text.ts';

const PARAMETERS = [
  { name: 'name', type: 'string' },
  { name: 'date', type: 'date' },
  { name: 'code', type: 'token' },
  { name: 'value-quantity', type: 'quantity' },
  { name: '_sort', type: 'special' },
];

test.each([
  'name:contains=alv',
  'date=ge2024-01-01&date=lt2025',
  'code=http://loinc.org|85354-9',
  'code:missing=true',
  'value-quantity=gt180|http://unitsofmeasure.org|[lb_av]',
  'patient:Patient.name=Alvarez',
  '_has:Observation:patient:code=8480-6',
  '_sort=-_lastUpdated',
])('%s stays what it is.', (text) => {
  expect(new URLSearchParams(searchTextOf(parseSearchText(text, PARAMETERS)))).toEqual(
    new URLSearchParams(text),
  );
});

test('Modifiers and prefixes are told from names and values, by the type of the parameter.', () => {
  expect(parseSearchText('name:exact=gerald&date=ge2024&value-quantity=-1', PARAMETERS)).toEqual([
    { name: 'name', modifier: 'exact', prefix: '', value: 'gerald' },
    { name: 'date', modifier: '', prefix: 'ge', value: '2024' },
    { name: 'value-quantity', modifier: '', prefix: '', value: '-1' },
  ]);
  expect(parseSearchText('name=general', PARAMETERS)[0]).toMatchObject({ prefix: '', value: 'general' });
  expect(parseSearchText('Patient?name=x', PARAMETERS)[0]).toMatchObject({ name: 'name', value: 'x' });
  expect(parseSearchText('', PARAMETERS)).toEqual([]);
});

test('Rows without name or value are left out, and values are encoded.', () => {
  const row = { name: 'name', modifier: '', prefix: '', value: 'a&b=c d' };
  expect(searchTextOf([row, { ...row, value: ' ' }, { ...row, name: '' }])).toBe('name=a%26b%3Dc+d');
});

test('The audit is asked by references, days and codes.', () => {
  expect(auditSearch({})).toBe('AuditEvent?_sort=-date&_count=50');
  const search = auditSearch({
    patient: 'p1',
    agent: 'Device/d',
    from: '2026-01-01',
    until: '2026-01-31',
    outcome: '4',
  });
  expect([...new URLSearchParams(search.split('?')[1])].slice(2)).toEqual([
    ['patient', 'Patient/p1'],
    ['agent', 'Device/d'],
    ['date', 'ge2026-01-01'],
    ['date', 'le2026-01-31'],
    ['outcome', '4'],
  ]);
});
