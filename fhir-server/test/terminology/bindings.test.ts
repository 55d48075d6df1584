/** Whether codes are in the value sets to which elements are bound: https://hl7.org/fhir/R4/terminologies.html#strength */
import { expect, test } from '@jest/globals';
import { Bindings } from '../../src/terminology/index.ts';
import { ANIMALS, animals, filtered, listed, OPEN, source, valueSet } from './stored.ts';

const PETS = 'http://example.org/pets';
const MAMMALS = 'http://example.org/mammals';
const WHOLE = 'http://example.org/whole';
const stored = [
  animals,
  valueSet(PETS, { include: [listed(ANIMALS, 'dog'), listed(OPEN, 'x')] }),
  valueSet(MAMMALS, { include: [filtered('concept', 'is-a', 'mammal')] }),
  valueSet(WHOLE, { include: [{ system: OPEN }] }),
];

test.each([
  [PETS, ANIMALS, 'dog', 'member'],
  [PETS, undefined, 'x', 'member'],
  [PETS, ANIMALS, 'cat', 'not-member'],
  [PETS, 'http://example.org/none', 'dog', 'not-member'],
  [MAMMALS, ANIMALS, 'poodle', 'member'],
  [MAMMALS, ANIMALS, 'bird', 'not-member'],
  [WHOLE, OPEN, 'x', 'unknown'],
  ['http://example.org/none', ANIMALS, 'dog', 'unknown'],
  ['http://hl7.org/fhir/ValueSet/mimetypes', undefined, 'text/plain', 'member'],
  ['http://hl7.org/fhir/ValueSet/mimetypes', undefined, 'text', 'not-member'],
  ['http://hl7.org/fhir/ValueSet/marital-status', undefined, 'M', 'member'],
  ['http://hl7.org/fhir/ValueSet/condition-code', 'http://snomed.info/sct', '1', 'unknown'],
])('%s and the code %s|%s: %s.', async (canonical, system, code, verdict) => {
  const coding = { code, ...(system === undefined ? {} : { system }) };
  const bindings = new Bindings(source(...stored));
  expect(await bindings.judge({ valueSet: canonical, codings: [coding] })).toBe(verdict);
});

test('One coding of several is enough.', async () => {
  const codings = [{ system: ANIMALS, code: 'bird' }, { code: 'dog', system: ANIMALS }, {}];
  expect(await new Bindings(source(...stored)).judge({ valueSet: PETS, codings })).toBe('member');
});

test('A verdict is kept for its time, and a fault is not.', async () => {
  let reads = 0;
  let isDown = true;
  const counted = {
    ...source(...stored),
    valueSet: (canonical: string) => {
      reads += 1;
      return isDown ? Promise.reject(new Error('down')) : source(...stored).valueSet(canonical);
    },
  };
  const bindings = new Bindings(counted, { ttlMs: 60_000 });
  const judge = (code: string) => bindings.judge({ valueSet: PETS, codings: [{ system: ANIMALS, code }] });
  await expect(judge('dog')).rejects.toThrow('down');
  isDown = false;
  expect([await judge('dog'), await judge('dog'), await judge('cat')]).toEqual(['member', 'member', 'not-member']); // prettier-ignore
  expect(reads).toBe(2);
  const forgetful = new Bindings(counted, { ttlMs: 0 });
  await forgetful.judge({ valueSet: PETS, codings: [{ code: 'dog' }] });
  await forgetful.judge({ valueSet: PETS, codings: [{ code: 'dog' }] });
  expect(reads).toBe(4);
});
