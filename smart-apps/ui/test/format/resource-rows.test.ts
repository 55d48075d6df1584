/** Any resource in rows. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { resourceRows, type ResourceRow } from '../../src/format/index.ts';
import { english } from '../support/english.ts';

const words = await english();
const textAt = (rows: readonly ResourceRow[], path: string): string | undefined =>
  rows.flatMap((row) => [row, ...(row.rows ?? [])]).find((row) => row.path === path)?.text;

test('Each data type is shown as what it is, by its shape.', () => {
  const rows = resourceRows(
    {
      resourceType: 'Observation',
      id: '1950',
      status: 'final',
      code: { coding: [{ code: '8480-6', display: 'Systolic' }] },
      subject: { reference: 'Patient/1', display: 'Maria' },
      performer: [{ reference: 'https://elsewhere.example/Practitioner/2' }],
      effectiveDateTime: '2024-03-01',
      issued: '2024-03-01T02:30:00Z',
      valueQuantity: { value: 132, code: 'mm[Hg]', system: 'http://unitsofmeasure.org' },
      referenceRange: [{ low: { value: 90 }, high: { value: 120 }, text: 'usual' }],
      extension: [{ url: 'http://a.example/bodySide', valueString: 'left' }],
      text: { status: 'generated', div: '<div>A &lt;b&gt;<script>x</script><p>C</p></div>' },
    },
    words,
  );
  expect(textAt(rows, 'id')).toBe('1950');
  expect(textAt(rows, 'code')).toBe('Systolic');
  expect(rows.find((r) => r.path === 'subject')).toMatchObject({ text: 'Maria', reference: 'Patient/1' });
  expect(rows.find((r) => r.path === 'performer[0]')).not.toHaveProperty('reference');
  expect(textAt(rows, 'effectiveDateTime')).toBe('Mar 1, 2024');
  expect(textAt(rows, 'valueQuantity')).toBe('132 mmHg');
  expect(textAt(rows, 'referenceRange[0].text')).toBe('usual');
  expect(rows.find((r) => r.path === 'extension[0]')).toMatchObject({ label: 'Body side', text: 'left' });
  expect(textAt(rows, 'text')).toBe('A <b> x C');
});

/** HL7's own examples, of which the package has thousands. */
const folder = createRequire(import.meta.url)
  .resolve('hl7.fhir.r4.examples/package.json')
  .replace('package.json', '');
const files = [
  'Patient-example',
  'MedicationRequest-medrx0301',
  'Encounter-example',
  'CarePlan-example',
  'Claim-100150',
];

test.each(files)('Every text of the official example %s can be read.', (file) => {
  const resource = JSON.parse(readFileSync(`${folder}${file}.json`, 'utf8')) as { resourceType: string };
  const all = (rows: readonly ResourceRow[]): ResourceRow[] => rows.flatMap((r) => [r, ...all(r.rows ?? [])]);
  const rows = all(resourceRows(resource, words));
  expect(rows.length).toBeGreaterThan(4);
  for (const row of rows) {
    expect(row.rows === undefined).toBe(row.text !== undefined);
    expect(row.text ?? '').not.toMatch(/\[object|undefined|NaN/);
  }
});
