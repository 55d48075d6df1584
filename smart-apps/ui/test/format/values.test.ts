/** Names, codes, quantities and dosages in words. */
import { expect, test } from '@jest/globals';
import type { Quantity } from '@medplum/fhirtypes';
import {
  addressLines,
  contactAddress,
  formatAnnotation,
  formatAttachment,
  formatConcept,
  formatContactPoint,
  formatDosage,
  formatHumanName,
  formatIdentifier,
  formatMoney,
  formatQuantity,
  formatRange,
  formatRatio,
  formatReference,
  formatTiming,
  formatUcum,
  nameOf,
} from '../../src/format/index.ts';
import { english } from '../support/english.ts';

const words = await english();
const ucum = (value: number, code: string, rest: Partial<Quantity> = {}): Quantity => ({
  value,
  code,
  system: 'http://unitsofmeasure.org',
  ...rest,
});

test('A person is called by the official name, never by an old one while there is another.', () => {
  const name = [
    { use: 'old' as const, family: 'Before' },
    { use: 'nickname' as const, given: ['Mia'] },
    {
      use: 'official' as const,
      prefix: ['Dr.'],
      given: ['Maria', 'Eva'],
      family: 'Alvarez',
      suffix: ['Jr.'],
    },
  ];
  expect(nameOf({ name }, words)).toBe('Maria Eva Alvarez');
  expect(formatHumanName(name[2], words, true)).toBe('Dr. Maria Eva Alvarez Jr.');
  expect(nameOf({ name: name.slice(0, 2) }, words)).toBe('Mia');
  expect(nameOf({ name: name.slice(0, 1) }, words)).toBe('Before');
  expect(nameOf({}, words)).toBe('Without a name');
});

test('Addresses have their lines, and only safe telecoms are links.', () => {
  expect(
    addressLines({ line: ['1 Main St', 'Apt 2'], city: 'Boston', state: 'MA', postalCode: '02118' }),
  ).toEqual(['1 Main St', 'Apt 2', 'Boston, MA 02118']);
  expect(addressLines({ text: 'Here\nThere' })).toEqual(['Here', 'There']);
  expect(formatContactPoint({ value: '555 0100', use: 'mobile' }, words)).toBe('555 0100 (mobile)');
  expect(contactAddress({ system: 'phone', value: '555 0100' })).toBe('tel:5550100');
  expect(contactAddress({ system: 'url', value: 'https://a.example' })).toBe('https://a.example');
  expect(contactAddress({ system: 'url', value: 'javascript:alert(1)' })).toBeUndefined();
  expect(contactAddress({ system: 'pager', value: '1' })).toBeUndefined();
});

test('A concept is its text, otherwise what a person chose, otherwise a display, otherwise a code.', () => {
  const coding = [
    { code: 'a' },
    { code: 'b', display: 'Bee' },
    { code: 'c', display: 'Sea', userSelected: true },
  ];
  expect(formatConcept({ text: 'Said', coding }, words)).toBe('Said');
  expect(formatConcept({ coding }, words)).toBe('Sea');
  expect(formatConcept({ coding: coding.slice(0, 2) }, words)).toBe('Bee');
  expect(formatConcept({ coding: coding.slice(0, 1) }, words)).toBe('a');
  expect(formatConcept({}, words)).toBe('Unnamed');
});

test.each([
  ['mm[Hg]', 'mmHg'],
  ['Cel', '°C'],
  ['[degF]', '°F'],
  ['ug/mL', 'mcg/mL'],
  ['10*3/uL', '10³/uL'],
  ['{beats}/min', 'beats/min'],
  ['kg/m2', 'kg/m²'],
  ['mL/min/{1.73_m2}', 'mL/min/1.73 m²'],
  ['[lb_av]', 'lb'],
  ['1', ''],
])('UCUM %s is printed as %s.', (code, printed) => {
  expect(formatUcum(code)).toBe(printed);
});

test('Quantities have their comparator, their decimals and their unit.', () => {
  expect(formatQuantity(ucum(5.25, 'mg', { comparator: '>=' }), words)).toBe('≥ 5.25 mg');
  expect(formatQuantity(ucum(98, '%'), words)).toBe('98%');
  expect(formatQuantity(ucum(0.00002, 'mol/L'), words)).toBe('0.00002 mol/L');
  expect(formatQuantity(ucum(132, 'mm[Hg]', { unit: 'mmHg' }), words)).toBe('132 mmHg');
  expect(formatQuantity(ucum(1, 'd'), words)).toBe('1 day');
  expect(formatQuantity({ value: 2, unit: 'tablets' }, words)).toBe('2 tablets');
  expect(formatQuantity({ value: 0 }, words)).toBe('0');
  expect(formatQuantity(undefined, words)).toBe('');
});

test('Ranges and ratios keep both sides, and the unit once.', () => {
  expect(formatRange({ low: ucum(5, 'mg'), high: ucum(10, 'mg') }, words)).toBe('5–10 mg');
  expect(formatRange({ low: ucum(1, 'mg'), high: ucum(1, 'g') }, words)).toBe('1 mg – 1 g');
  expect(formatRange({ low: ucum(5, 'mg') }, words)).toBe('≥ 5 mg');
  expect(formatRange({ high: ucum(5, 'mg') }, words)).toBe('≤ 5 mg');
  expect(formatRatio({ numerator: { value: 1 }, denominator: { value: 128 } }, words)).toBe('1:128');
  expect(formatRatio({ numerator: ucum(5, 'mg'), denominator: ucum(1, 'mL') }, words)).toBe('5 mg / mL');
  expect(formatRatio({ numerator: ucum(5, 'mg'), denominator: ucum(2, 'h') }, words)).toBe('5 mg / 2 hours');
});

test.each([
  [{ frequency: 1, period: 1, periodUnit: 'd' }, '1 time a day'],
  [{ frequency: 3, period: 1, periodUnit: 'd' }, '3 times a day'],
  [{ period: 8, periodUnit: 'h' }, 'every 8 hours'],
  [{ frequency: 1, period: 4, periodMax: 6, periodUnit: 'h' }, 'every 4–6 hours'],
  [{ frequency: 2, frequencyMax: 4, period: 1, periodUnit: 'd' }, '2 to 4 times every day'],
  [{ frequency: 2, period: 3, periodUnit: 'wk' }, '2 times every 3 weeks'],
  [{ when: ['MORN', 'HS'] }, 'in the morning and at bedtime'],
  [{ when: ['AFT.late'] }, 'in the late afternoon'],
  [{ when: ['ACM'], offset: 30 }, '30 minutes before breakfast'],
  [{ dayOfWeek: ['mon', 'fri'], timeOfDay: ['08:00:00'] }, 'on Monday and Friday, at 8:00 AM'],
  [{ frequency: 2, period: 1, periodUnit: 'd', boundsDuration: ucum(10, 'd') }, '2 times a day, for 10 days'],
  [{ count: 3, duration: 30, durationUnit: 'min' }, 'over 30 minutes, 3 times in all'],
] as const)('The timing %j is: %s.', (repeat, expected) => {
  const timing = { repeat: structuredClone(repeat) as object };
  expect(formatTiming(timing, words).replaceAll('\u202f', ' ')).toBe(expected);
});

test('A dosage is what was written, otherwise composed, and the need and the limit are never lost.', () => {
  const dosage = {
    doseAndRate: [{ doseQuantity: { value: 1, unit: 'tablet' } }],
    route: { text: 'by mouth' },
    timing: { repeat: { frequency: 3, period: 1, periodUnit: 'd' as const } },
    asNeededCodeableConcept: { text: 'pain' },
    maxDosePerPeriod: { numerator: { value: 4, unit: 'tablets' }, denominator: ucum(1, 'd') },
  };
  expect(formatDosage(dosage, words)).toBe(
    '1 tablet, by mouth, 3 times a day, as needed for pain, at most 4 tablets / day',
  );
  expect(formatDosage({ ...dosage, text: 'As told' }, words)).toBe('As told');
  expect(formatDosage({ asNeededBoolean: true }, words)).toBe('as needed');
  expect(formatDosage({}, words)).toBe('No dosage given');
});

test('References, notes, files, numbers and money read as people write them.', () => {
  expect(formatReference({ reference: 'Patient/1', display: 'Maria' }, words)).toBe('Maria');
  expect(formatReference({ reference: 'Patient/1' }, words)).toBe('Patient/1');
  expect(formatIdentifier({ type: { coding: [{ code: 'MR' }] }, value: '12' })).toBe('MR 12');
  expect(formatAnnotation({ text: 'Well', authorString: 'Dr. A', time: '2024-01' }, words)).toBe(
    'Well (Dr. A, January 2024)',
  );
  expect(formatAttachment({ title: 'Scan', size: 1_250_000 }, words)).toBe('Scan (1.3 MB)');
  expect(formatAttachment({ contentType: 'image/png', size: 12 }, words)).toBe('image/png (12 byte)');
  expect(formatMoney({ value: 12.5, currency: 'USD' }, words)).toBe('$12.50');
});
