/** Values of the data types that search parameters look at. */
import type { Random } from './random.ts';

const UCUM = 'http://unitsofmeasure.org';

const TEXTS = ['Müller', 'Muller', 'MÜLLER-Lüdenscheidt', 'Mu', 'van der  Berg', 'Van Der Berg', 'Łukasz', 'O’Brien',
  "O'Brien", 'Élodie', 'elodie', 'a,b', 'a|b', 'a$b', 'a\\b', '100%', 'under_score', '李小龙', 'Straße', 'Smith', 'smithers']; // prettier-ignore

export const text = (r: Random): string => r.pick(TEXTS);

const CODES = ['1', '2', '12', 'A', 'b', 'x,y', 'x|y', 'x$y'];
const SYSTEMS = ['http://loinc.org', 'http://snomed.info/sct', 'urn:oid:1.2.3'];

/** Of languages the standard lets no other codes through. */
const LANGUAGES = ['de', 'en', 'en-US', 'EN-gb'];

export function concept(r: Random, ...systems: string[]): object {
  const codes = systems.includes('urn:ietf:bcp:47') ? LANGUAGES : CODES;
  const coding = r.times(2, () => ({
    ...r.maybe(80, () => ({ system: r.pick(systems.length > 0 ? systems : SYSTEMS) })),
    code: r.pick(codes),
    ...r.maybe(50, () => ({ display: text(r) })),
  }));
  return {
    ...(coding.length > 0 ? { coding } : {}),
    ...(coding.length === 0 || r.chance(40) ? { text: text(r) } : {}),
  };
}

export const identifier = (r: Random): object => ({
  ...r.maybe(80, () => ({ system: r.pick(SYSTEMS) })),
  value: r.pick(CODES),
  ...r.maybe(50, () => ({
    type: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: r.pick(['MR', 'SS']) }],
      ...r.maybe(70, () => ({ text: text(r) })),
    },
  })),
});

const DATES = [
  '2019',
  '2020',
  '2020-02',
  '2020-02-29',
  '2020-03-01',
  '2021-12-31',
  '2022-01-01',
  '1999-12',
  '1980-06-15',
  '2020-12',
];
const TIMES = ['2020-02-29T23:30:00Z', '2020-02-29T23:30:00-05:00', '2020-03-01T00:00:00+02:00', '2020-02-29T10:00:00.500Z',
  '2022-01-01T00:00:00Z', '2021-12-31T23:59:59.999Z', '2019-07-01T12:00:00+05:30', '2020-06-15T08:15:30Z']; // prettier-ignore

export const date = (r: Random): string => r.pick(DATES);

export const dateTime = (r: Random): string => r.pick(r.chance(50) ? DATES : TIMES);

const ORDERED = [
  '2018',
  '2019-03',
  '2019-07-01T12:00:00+05:30',
  '2020-02-29',
  '2020-02-29T23:30:00-05:00',
  '2020-12',
  '2021-12-31',
  '2022',
];

export function period(r: Random): object {
  const start = r.below(ORDERED.length - 1);
  const end = start + 1 + r.below(ORDERED.length - start - 1);
  const open = r.below(5);
  return {
    ...(open === 0 ? {} : { start: ORDERED[start] }),
    ...(open === 1 ? {} : { end: ORDERED[end] }),
  };
}

export const timing = (r: Random): object =>
  r.pick<() => object>([
    () => ({ event: [dateTime(r), dateTime(r), '2020-02-29'] }),
    () => ({ repeat: { boundsPeriod: period(r), frequency: 1, period: 1, periodUnit: 'd' } }),
    () => ({ event: ['2020'], repeat: { boundsPeriod: period(r) } }),
    () => ({ repeat: { boundsDuration: { value: 3, system: UCUM, code: 'd' } } }),
  ])();

const UNITS: readonly object[] = [
  ...['mg', 'mg', 'g', 'g', 'kg', 'ug', '[lb_av]', 'mmol/L', 'mol/m3', 'Cel', 'K', '[degF]', '%'].map(
    (code) => ({
      system: UCUM,
      code,
      unit: code,
    }),
  ),
  { system: UCUM, code: 'mg', unit: 'milligram' },
  { system: 'http://units.example', code: 'mg', unit: 'mg' },
  { system: 'http://units.example', code: 'drop', unit: 'drops' },
  { unit: 'mg' },
  { unit: 'drops' },
  {},
];

const VALUES = [
  -3, 0, 0.0005, 0.001, 0.5, 0.0015, 1, 1.5, 4.95, 5, 5.04, 5.4, 36.6, 37, 99.5, 100, 100.4, 110, 500, 1000,
  1500, 5000,
];

export const quantity = (r: Random): object => ({
  value: r.pick(VALUES),
  ...r.maybe(15, () => ({ comparator: r.pick(['<', '<=', '>', '>=']) })),
  ...r.pick(UNITS),
});

/** Without a code it may have any unit; with one it must be a time. */
export const duration = (r: Random): object => ({
  ...r.pick<() => object>([
    () => ({ unit: 'h' }),
    () => ({ unit: 'h', system: UCUM, code: 'h' }),
    () => ({ system: UCUM, code: 'min' }),
    () => ({}),
  ])(),
  value: r.pick(VALUES),
  ...r.maybe(15, () => ({ comparator: r.pick(['<', '<=', '>', '>=']) })),
});

export const one = <T>(name: string, value: T): object => ({ [name]: value });

export const list = (element: string, items: readonly object[] | readonly string[]): object =>
  items.length === 0 ? {} : { [element]: items };

export const name = (r: Random): object => ({
  ...r.maybe(30, () => one('text', text(r))),
  family: text(r),
  ...list(
    'given',
    r.times(2, () => text(r)),
  ),
  ...r.maybe(20, () => one('prefix', ['Dr.'])),
  ...r.maybe(20, () => one('suffix', [text(r)])),
});

export const postal = (r: Random): object => ({
  use: r.pick(['home', 'work', 'old']),
  ...list(
    'line',
    r.times(2, () => `${r.below(20)} ${text(r)}`),
  ),
  city: text(r),
  ...r.maybe(30, () => one('district', text(r))),
  ...r.maybe(50, () => one('state', r.pick(['NY', 'Ny', 'Bayern']))),
  ...r.maybe(50, () => one('postalCode', r.pick(['10115', '10117', 'W1A 1AA']))),
  ...r.maybe(50, () => one('country', r.pick(['DE', 'de', 'Österreich']))),
});

export const telecom = (r: Random): object => ({
  ...r.maybe(90, () => ({
    system: r.pick(['phone', 'email', 'fax']),
    value: r.pick(['555-0100', '+49 30 1234', 'a.b@example.org', 'x|y', 'A.B@example.org']),
  })),
  use: r.pick(['home', 'work']),
});

export const value = (r: Random): object =>
  r.pick<() => object>([
    () => one('valueQuantity', quantity(r)),
    () => one('valueQuantity', quantity(r)),
    () => one('valueString', text(r)),
    () => one('valueCodeableConcept', concept(r)),
    () => one('valueDateTime', dateTime(r)),
    () => one('valuePeriod', period(r)),
    () => ({}),
  ])();

const PERCENT = { unit: '%', system: UCUM, code: '%' };

export const probability = (r: Random): object =>
  r.pick<() => object>([
    () => one('probabilityDecimal', r.pick([0, 0.1, 0.15, 0.5, 0.55, 2, 3.5, 10, 95, 99.5, 100])),
    () => ({
      probabilityRange: {
        low: { value: r.below(20), ...PERCENT },
        high: { value: 20 + r.below(80), ...PERCENT },
      },
    }),
    () => ({}),
  ])();

export const useContext = (r: Random): object => ({
  code: {
    system: 'http://terminology.hl7.org/CodeSystem/usage-context-type',
    code: r.pick(['age', 'focus']),
  },
  ...r.pick<() => object>([
    () => one('valueQuantity', quantity(r)),
    () => one('valueCodeableConcept', concept(r)),
    () => ({
      valueRange: {
        low: { value: r.below(9), system: 'http://unitsofmeasure.org', code: 'mg' },
        high: { value: 10 + r.below(9), system: 'http://unitsofmeasure.org', code: 'mg' },
      },
    }),
  ])(),
});

export const uri = (r: Random): string =>
  r.chance(5)
    ? r.pick(['urn:oid:1.2.3', 'urn:oid:1.2.3.4'])
    : `${r.pick(['http://a.example', 'http://a.example/fhir', 'https://b.example/x'])}${r.pick(['', '/', '/one', '/one/', '/one/two', '/onetwo', '/One'])}`;
