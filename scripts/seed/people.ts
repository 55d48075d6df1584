/** Who the demo clinic's patients are: invented people with stories that hang together. */
import type { AllergyName, ConditionName, MedicationName } from './coding.ts';

export interface Person {
  readonly id: string;
  readonly given: string;
  readonly family: string;
  readonly gender: 'female' | 'male';
  readonly birthDate: string;
  readonly conditions: readonly (readonly [ConditionName, onset: string])[];
  readonly medications: readonly MedicationName[];
  readonly allergies: readonly (readonly [AllergyName, reaction: string])[];
  readonly vitals: { systolic: number; diastolic: number; pulse: number; weightKg: number; heightCm: number };
  /** Why the person came last time, and when. */
  readonly lastVisit: readonly [date: string, reason: string];
}

const vitals = (systolic: number, diastolic: number, pulse: number, weightKg: number, heightCm: number) => {
  return { systolic, diastolic, pulse, weightKg, heightCm };
};

export const people: readonly Person[] = [
  {
    id: 'demo-patient',
    given: 'Maria',
    family: 'Alvarez',
    gender: 'female',
    birthDate: '1968-04-12',
    conditions: [
      ['hypertension', '2015-03-02'],
      ['diabetes', '2018-09-20'],
    ],
    medications: ['lisinopril', 'metformin'],
    allergies: [['penicillin', 'Hives']],
    vitals: vitals(138, 86, 76, 78.4, 162),
    lastVisit: ['2026-05-14', 'Follow-up of blood pressure and diabetes'],
  },
  {
    id: 'demo-patient-osei',
    given: 'Kwame',
    family: 'Osei',
    gender: 'male',
    birthDate: '1959-11-03',
    conditions: [
      ['atrialFibrillation', '2021-06-11'],
      ['hyperlipidemia', '2014-02-18'],
    ],
    medications: ['apixaban', 'atorvastatin'],
    allergies: [],
    vitals: vitals(128, 78, 84, 86.1, 178),
    lastVisit: ['2026-03-22', 'Review of anticoagulation'],
  },
  {
    id: 'demo-patient-lindqvist',
    given: 'Åsa',
    family: 'Lindqvist',
    gender: 'female',
    birthDate: '1991-07-29',
    conditions: [['migraine', '2012-10-01']],
    medications: ['sumatriptan'],
    allergies: [['latex', 'Contact dermatitis']],
    vitals: vitals(112, 70, 68, 61.0, 170),
    lastVisit: ['2026-01-19', 'More frequent migraine'],
  },
  {
    id: 'demo-patient-nguyen',
    given: 'Minh',
    family: 'Nguyen',
    gender: 'male',
    birthDate: '2014-02-08',
    conditions: [['asthma', '2019-05-15']],
    medications: ['albuterol'],
    allergies: [['peanut', 'Swelling of the lips']],
    vitals: vitals(102, 64, 88, 38.2, 146),
    lastVisit: ['2026-04-02', 'Wheezing after sports'],
  },
  {
    id: 'demo-patient-kowalska',
    given: 'Zofia',
    family: 'Kowalska',
    gender: 'female',
    birthDate: '1947-12-30',
    conditions: [
      ['kneeArthritis', '2016-08-08'],
      ['hypothyroidism', '2009-01-14'],
    ],
    medications: ['levothyroxine'],
    allergies: [['aspirin', 'Stomach bleeding']],
    vitals: vitals(134, 80, 72, 69.5, 158),
    lastVisit: ['2026-02-10', 'Pain in the right knee'],
  },
  {
    id: 'demo-patient-haddad',
    given: 'Samir',
    family: 'Haddad',
    gender: 'male',
    birthDate: '1983-05-17',
    conditions: [['reflux', '2022-11-04']],
    medications: ['omeprazole'],
    allergies: [],
    vitals: vitals(124, 79, 70, 91.3, 181),
    lastVisit: ['2025-11-27', 'Heartburn'],
  },
  {
    id: 'demo-patient-okafor',
    given: 'Chidi',
    family: 'Okafor',
    gender: 'male',
    birthDate: '1975-09-09',
    conditions: [['diabetes', '2020-07-07']],
    medications: ['metformin'],
    allergies: [],
    vitals: vitals(130, 82, 78, 97.8, 184),
    lastVisit: ['2026-06-03', 'Diabetes follow-up'],
  },
  {
    id: 'demo-patient-brown',
    given: 'Emily',
    family: 'Brown',
    gender: 'female',
    birthDate: '1998-03-25',
    conditions: [['depression', '2024-10-21']],
    medications: ['sertraline'],
    allergies: [],
    vitals: vitals(116, 74, 66, 58.7, 165),
    lastVisit: ['2026-04-28', 'Mood and sleep'],
  },
  {
    id: 'demo-patient-tanaka',
    given: 'Hiroshi',
    family: 'Tanaka',
    gender: 'male',
    birthDate: '1952-06-14',
    conditions: [['hypertension', '2008-04-30']],
    medications: ['lisinopril', 'atorvastatin'],
    allergies: [],
    vitals: vitals(142, 88, 74, 70.2, 168),
    lastVisit: ['2026-05-30', 'Blood pressure'],
  },
  {
    id: 'demo-patient-mueller',
    given: 'Jörg',
    family: 'Müller',
    gender: 'male',
    birthDate: '1966-01-22',
    conditions: [['hyperlipidemia', '2017-12-05']],
    medications: ['atorvastatin'],
    allergies: [['penicillin', 'Rash']],
    vitals: vitals(126, 80, 64, 83.9, 179),
    lastVisit: ['2025-12-12', 'Cholesterol results'],
  },
  {
    id: 'demo-patient-singh',
    given: 'Priya',
    family: 'Singh',
    gender: 'female',
    birthDate: '1987-08-31',
    conditions: [['hypothyroidism', '2019-02-27']],
    medications: ['levothyroxine'],
    allergies: [],
    vitals: vitals(110, 68, 72, 63.4, 160),
    lastVisit: ['2026-03-09', 'Tiredness'],
  },
  {
    id: 'demo-patient-martin',
    given: 'Louis',
    family: 'Martin',
    gender: 'male',
    birthDate: '2001-10-10',
    conditions: [],
    medications: [],
    allergies: [],
    vitals: vitals(118, 72, 60, 74.6, 183),
    lastVisit: ['2025-10-02', 'Sprained ankle'],
  },
];
