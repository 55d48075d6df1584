/** Names, addresses, telecoms and identifiers of people and organizations. */
import type { Address, ContactPoint, HumanName, Identifier, Patient } from '@medplum/fhirtypes';
import type { Words } from '../i18n/words.ts';

/** The name to call somebody by: the official one, otherwise the usual, otherwise the first that is not outdated. */
export function chooseName(names: readonly HumanName[] | undefined): HumanName | undefined {
  const current = names?.filter((n) => n.use !== 'old');
  const ofUse = (use: HumanName['use']) => current?.find((n) => n.use === use);
  return ofUse('official') ?? ofUse('usual') ?? current?.[0] ?? names?.[0];
}

/** Given names and family name; with titles and suffixes when `isFull`. */
export function formatHumanName(name: HumanName | undefined, { t }: Words, isFull = false): string {
  const { text, prefix = [], given = [], family, suffix = [] } = name ?? {};
  const parts = isFull ? [...prefix, ...given, family, ...suffix] : [...given, family];
  return (text ?? parts.filter(Boolean).join(' ')) || t('name.none');
}

export const nameOf = (person: { name?: readonly HumanName[] | undefined }, words: Words): string =>
  formatHumanName(chooseName(person.name), words);

/** Administrative gender. */
export const formatGender = (gender: NonNullable<Patient['gender']>, { t }: Words): string =>
  t(`gender.${gender}`);

/** As on an envelope. */
export function addressLines({
  text,
  line = [],
  city,
  district,
  state,
  postalCode,
  country,
}: Address): string[] {
  if (text !== undefined) return text.split('\n');
  const place = [[city, district, state].filter(Boolean).join(', '), postalCode].filter(Boolean).join(' ');
  return [...line, place, country ?? ''].filter((part) => part !== '');
}

export const formatAddress = (address: Address, { t }: Words): string =>
  addressLines(address).join(', ') || t('address.none');

/** "555-0100 (mobile)". */
export function formatContactPoint({ value = '', use }: ContactPoint, { t }: Words): string {
  return use === undefined ? value : `${value} (${t(`contact-use.${use}`)})`;
}

const SCHEMES: Readonly<Record<string, string>> = { phone: 'tel:', sms: 'sms:', email: 'mailto:' };

/** Where a click on it leads; undefined when nowhere. */
export function contactAddress({ system, value }: ContactPoint): string | undefined {
  if (system === undefined || value === undefined) return undefined;
  if (system === 'url') return /^https?:\/\//i.test(value) ? value : undefined;
  const scheme = SCHEMES[system];
  return scheme === undefined ? undefined : scheme + value.replaceAll(' ', '');
}

/** "MR 123", by what kind of number it is. */
export function formatIdentifier({ type, value }: Identifier): string {
  const kind = type?.text ?? type?.coding?.[0]?.code;
  return [kind, value].filter(Boolean).join(' ');
}

/** The medical record number (HL7 v2-0203 `MR`); undefined where there is none. */
export const recordNumber = ({ identifier }: Patient): string | undefined =>
  identifier?.find((i) => i.type?.coding?.some((c) => c.code === 'MR'))?.value;
