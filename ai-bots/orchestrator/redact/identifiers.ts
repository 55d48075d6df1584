/** The identifiers of the people of a visit, as their resources tell them, each as what finds it in a text. */
import type {
  Address,
  ContactPoint,
  HumanName,
  Patient,
  Practitioner,
  RelatedPerson,
} from '@medplum/fhirtypes';
import { WORD_NAMES } from './word-names.ts';
import { dateForms } from './date-forms.ts';
import { finder, joined, letters, standing, type Finder } from './finder.ts';

export type Person = Patient | Practitioner | RelatedPerson;

/** One letter identifies nobody, and "St" would be everywhere. */
const TOKEN_MIN = 2;
const ID_MIN = 4;
const SPOKEN = ['(?:0|zero|oh|o)', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

export function identifiersOf(people: readonly Person[]): Finder[] {
  return people.flatMap((person) => [
    ...names(person).flatMap(nameFinders),
    ...(person.birthDate === undefined
      ? []
      : dateForms(person.birthDate).map((form) => finder('DATE', standing(form)))),
    ...(person.telecom ?? []).flatMap(contactFinders),
    ...(person.address ?? []).flatMap(addressFinders),
    ...(person.identifier ?? []).flatMap(({ value }) => idFinders(value)),
    ...idFinders(person.id),
  ]);
}

/** With the names of the patient's contacts. */
const names = (person: Person): HumanName[] => [
  ...(person.name ?? []),
  ...(person.resourceType === 'Patient' ? (person.contact ?? []).flatMap((c) => c.name ?? []) : []),
];

const tokensOf = (text: string | undefined): string[] =>
  (text ?? '').split(/[\s,.'’()"-]+/).filter((token) => /\p{L}/u.test(token));

/** The whole name in both orders, and each of its parts. */
function nameFinders({ given = [], family, text }: HumanName): Finder[] {
  const [first, last] = [given.flatMap(tokensOf), tokensOf(family)];
  const whole = [[...first, ...last], [...last, ...first], tokensOf(text)].filter(
    (parts) => parts.length > 1,
  );
  const initial = "[\\s.,'’-]*(?:\\p{L}\\.?\\s+)?";
  // "O'Brien", "Van der Berg" and "Anne-Marie" are written as one word too.
  const asOne = [...given, family, ...(text ?? '').split(/[\s,]+/)].map((name) => tokensOf(name).join(''));
  const tokens = new Set(
    [...first, ...last, ...tokensOf(text), ...asOne].filter((token) => token.length >= TOKEN_MIN),
  );
  return [
    ...whole.map((parts) => finder('NAME', standing(joined(parts, initial)))),
    ...[...tokens].map(tokenFinder),
  ];
}

function tokenFinder(token: string): Finder {
  const plural = token.length > 3 ? 's?' : '';
  if (!WORD_NAMES.has(token.toLowerCase())) return finder('NAME', standing(letters(token) + plural));
  const capital = token.charAt(0).toUpperCase() + token.slice(1).toLowerCase();
  return finder('NAME', standing(`${letters(capital)}|${letters(token.toUpperCase())}`), true);
}

function contactFinders({ system, value }: ContactPoint): Finder[] {
  if (value === undefined || value.trim() === '') return [];
  const digits = value.replace(/\D/g, '');
  if (system === 'email' || value.includes('@')) return [finder('EMAIL', letters(value.trim()))];
  if (system === 'url') return [finder('URL', letters(value.trim()))];
  if (digits.length < 6) return [];
  // With or without country and area code, in digits or said one by one.
  return [...new Set([digits, digits.slice(-10), digits.slice(-7)])].map((number) =>
    finder('PHONE', standing([...number].map(spokenDigit).join('[\\s().,+-]*'))),
  );
}

const spokenDigit = (digit: string): string =>
  digit === '0' ? (SPOKEN[0] ?? '0') : `(?:${digit}|${SPOKEN[Number(digit)] ?? digit})`;

function addressFinders({ line = [], city, postalCode, text }: Address): Finder[] {
  const whole = [...line, text ?? ''].filter((part) => part.trim().length > 3);
  const streets = line
    .map((l) => l.replace(/\d+\w*/g, '').trim())
    .filter((street) => tokensOf(street).length > 1);
  return [
    ...[...whole, ...streets].map((part) =>
      finder('ADDRESS', standing(joined(part.split(/[\s,.]+/).filter(Boolean), '[\\s,.]*'))),
    ),
    ...(city === undefined || city.length < 3 ? [] : [{ ...tokenFinder(city), kind: 'ADDRESS' as const }]),
    ...(postalCode === undefined || postalCode.length < ID_MIN
      ? []
      : [finder('ADDRESS', standing(letters(postalCode)))]),
  ];
}

/** Medical record numbers, insurance numbers and the like, however they are grouped. */
function idFinders(value: string | undefined): Finder[] {
  const parts = (value ?? '').split(/[\s./-]+/).filter((part) => part !== '');
  return parts.join('').length < ID_MIN ? [] : [finder('ID', standing(joined(parts, '[\\s./-]*')))];
}
