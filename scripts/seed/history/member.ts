/** One of the generated patients as a person: address, languages, doctor, relatives. */
import type { Patient, Practitioner, Reference, RelatedPerson } from '@medplum/fhirtypes';
import { doctorReference, organizationReference, physicianReference } from '../clinic.ts';
import { concept } from '../coding.ts';
import { addDays, yearsBetween } from '../day.ts';
import type { Chart } from './chart.ts';
import type { Row } from './members.ts';
import type { Random } from './random.ts';

export interface Member {
  readonly id: string;
  readonly given: string;
  readonly family: string;
  readonly gender: 'female' | 'male';
  readonly birthDate: string;
  readonly doctor: Reference<Practitioner>;
  /** Of all patients of the clinic, from 1. */
  readonly index: number;
  /** BCP 47. */
  readonly language: string;
}

/** Turned so many years old at some time in the year before the day. */
export function memberOf(row: Row, index: number, day: string, random: Random): Member {
  const [given, family, gender, age, , language = 'en'] = row;
  const birthDate = addDays(day, -Math.ceil(age * 365.25) - random.between(20, 340));
  const doctor = index % 2 === 0 ? doctorReference : physicianReference;
  return { id: memberId(family), given, family, gender, birthDate, doctor, index, language };
}

/** `demo-patient-oconnor` */
export function memberId(family: string): string {
  const plain = family.normalize('NFD').replace(/[^A-Za-z]/g, '');
  return `demo-patient-${plain.toLowerCase()}`;
}

const STREETS = [
  'Harbour Street',
  'Mill Lane',
  'Chestnut Avenue',
  'Station Road',
  'Lighthouse Way',
  'Orchard Road',
] as const;
const NAMES: Readonly<Record<string, string>> = { en: 'English', es: 'Spanish', de: 'German', fr: 'French' };

export function patientOf({ member, day, random }: Chart): Patient {
  const { id, given, family, gender, birthDate, doctor, index, language } = member;
  const number = String(index).padStart(4, '0');
  const marital = maritalStatus(yearsBetween(birthDate, day), random);
  return {
    resourceType: 'Patient',
    id,
    active: true,
    identifier: [
      {
        use: 'usual',
        system: 'https://dr-assistant.example/fhir/NamingSystem/demo-mrn',
        value: `DEMO-${number}`,
      },
    ],
    name: [{ use: 'official', family, given: [given] }],
    telecom: [
      { system: 'phone', value: `+1-555-${number}`, use: 'mobile' },
      { system: 'email', value: `${id.slice('demo-patient-'.length)}@example.com` },
    ],
    gender,
    birthDate,
    address: [
      {
        use: 'home',
        line: [`${random.between(1, 180)} ${random.pick(STREETS)}`],
        city: 'Springfield',
        country: 'US',
      },
    ],
    ...(marital === undefined ? {} : { maritalStatus: marital }),
    communication: [{ language: languageConcept(language), preferred: true }],
    generalPractitioner: [doctor],
    managingOrganization: organizationReference,
  };
}

const languageConcept = (code: string) => ({
  coding: [{ system: 'urn:ietf:bcp:47', code, display: NAMES[code] ?? code }],
  text: NAMES[code] ?? code,
});

function maritalStatus(age: number, random: Random) {
  if (age < 20) return undefined;
  if (age > 72 && random.chance(0.4)) return concept('maritalStatus', 'W', 'Widowed');
  if (age < 30 ? random.chance(0.7) : random.chance(0.25))
    return concept('maritalStatus', 'S', 'Never Married');
  return random.chance(0.15)
    ? concept('maritalStatus', 'D', 'Divorced')
    : concept('maritalStatus', 'M', 'Married');
}

const MOTHERS = ['Laura', 'Helen', 'Nadia', 'Ruth', 'Carmen'] as const;
const CHILDREN = ['Peter', 'Susan', 'Mark', 'Julia', 'David'] as const;

/** A child's mother, an old person's child, and nobody for the others. */
export function relativesOf(chart: Chart): RelatedPerson[] {
  const { member, day, random, subject } = chart;
  const age = yearsBetween(member.birthDate, day);
  if (age >= 18 && age < 70) return [];
  const [code, display] = age < 18 ? (['MTH', 'mother'] as const) : (['CHILD', 'child'] as const);
  const given = random.pick(age < 18 ? MOTHERS : CHILDREN);
  return [
    {
      resourceType: 'RelatedPerson',
      id: chart.nextId('relative'),
      active: true,
      patient: subject,
      relationship: [concept('roleCode', code, display)],
      name: [{ use: 'official', family: member.family, given: [given] }],
      telecom: [
        { system: 'phone', value: `+1-555-${String(1000 + member.index).padStart(4, '0')}`, use: 'mobile' },
      ],
    },
  ];
}
