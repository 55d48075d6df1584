/** A person's record as FHIR resources; ids are derived, so that seeding again changes nothing. */
import type {
  AllergyIntolerance,
  Condition,
  Encounter,
  MedicationStatement,
  Observation,
  ObservationComponent,
  Patient,
  Resource,
} from '@medplum/fhirtypes';
import { doctorReference, organizationReference } from './clinic.ts';
import { actCode, allergies, concept, conditions, medications } from './coding.ts';
import { people, type Person } from './people.ts';

export function patientReference(person: Person): { reference: string; display: string } {
  return { reference: `Patient/${person.id}`, display: `${person.given} ${person.family}` };
}

function patient(person: Person): Patient {
  const index = people.indexOf(person) + 1;
  return {
    resourceType: 'Patient',
    id: person.id,
    active: true,
    identifier: [
      {
        use: 'usual',
        system: 'https://dr-assistant.example/fhir/NamingSystem/demo-mrn',
        value: `DEMO-${String(index).padStart(4, '0')}`,
      },
    ],
    name: [{ use: 'official', family: person.family, given: [person.given] }],
    telecom: [{ system: 'phone', value: `+1-555-01${String(index).padStart(2, '0')}`, use: 'home' }],
    gender: person.gender,
    birthDate: person.birthDate,
    address: [{ use: 'home', line: [`${index * 7} Mill Lane`], city: 'Springfield', country: 'US' }],
    generalPractitioner: [doctorReference],
    managingOrganization: organizationReference,
  };
}

function conditionsOf(person: Person): Condition[] {
  return person.conditions.map(([name, onset]) => ({
    resourceType: 'Condition',
    id: `${person.id}-${name.toLowerCase()}`,
    clinicalStatus: concept('conditionStatus', 'active'),
    verificationStatus: concept('conditionVerification', 'confirmed'),
    category: [concept('conditionCategory', 'problem-list-item', 'Problem List Item')],
    code: conditions[name],
    subject: patientReference(person),
    onsetDateTime: onset,
    recordedDate: onset,
    recorder: doctorReference,
  }));
}

function medicationsOf(person: Person): MedicationStatement[] {
  return person.medications.map((name) => ({
    resourceType: 'MedicationStatement',
    id: `${person.id}-${name}`,
    status: 'active',
    medicationCodeableConcept: medications[name].code,
    subject: patientReference(person),
    effectivePeriod: { start: person.lastVisit[0] },
    dosage: [{ text: medications[name].dosage }],
  }));
}

function allergiesOf(person: Person): AllergyIntolerance[] {
  return person.allergies.map(([name, reaction]) => ({
    resourceType: 'AllergyIntolerance',
    id: `${person.id}-${name}`,
    clinicalStatus: concept('allergyStatus', 'active'),
    verificationStatus: concept('allergyVerification', 'confirmed'),
    type: 'allergy',
    code: allergies[name],
    patient: patientReference(person),
    reaction: [{ manifestation: [{ text: reaction }] }],
  }));
}

function lastEncounter(person: Person): Encounter {
  const [date, reason] = person.lastVisit;
  return {
    resourceType: 'Encounter',
    id: `${person.id}-visit`,
    status: 'finished',
    class: actCode,
    subject: patientReference(person),
    participant: [{ individual: doctorReference }],
    period: { start: `${date}T09:00:00Z`, end: `${date}T09:20:00Z` },
    reasonCode: [{ text: reason }],
    serviceProvider: organizationReference,
  };
}

const quantity = (value: number, unit: string, code = unit) => {
  return { value, unit, system: 'http://unitsofmeasure.org', code };
};

function vital(person: Person, name: string, code: string, display: string): Observation {
  return {
    resourceType: 'Observation',
    id: `${person.id}-${name}`,
    status: 'final',
    category: [concept('observationCategory', 'vital-signs', 'Vital Signs')],
    code: concept('loinc', code, display),
    subject: patientReference(person),
    encounter: { reference: `Encounter/${person.id}-visit` },
    effectiveDateTime: `${person.lastVisit[0]}T09:05:00Z`,
    performer: [{ reference: 'Practitioner/demo-nurse', display: 'Tom Becker' }],
  };
}

function vitalsOf(person: Person): Observation[] {
  const { systolic, diastolic, pulse, weightKg, heightCm } = person.vitals;
  const component: ObservationComponent[] = [
    {
      code: concept('loinc', '8480-6', 'Systolic blood pressure'),
      valueQuantity: quantity(systolic, 'mmHg', 'mm[Hg]'),
    },
    {
      code: concept('loinc', '8462-4', 'Diastolic blood pressure'),
      valueQuantity: quantity(diastolic, 'mmHg', 'mm[Hg]'),
    },
  ];
  return [
    { ...vital(person, 'pressure', '85354-9', 'Blood pressure panel with all children optional'), component },
    {
      ...vital(person, 'pulse', '8867-4', 'Heart rate'),
      valueQuantity: quantity(pulse, 'beats/minute', '/min'),
    },
    { ...vital(person, 'weight', '29463-7', 'Body weight'), valueQuantity: quantity(weightKg, 'kg') },
    { ...vital(person, 'height', '8302-2', 'Body height'), valueQuantity: quantity(heightCm, 'cm') },
  ];
}

/** Everything the clinic knows of the person before today. */
export function record(person: Person): Resource[] {
  return [
    patient(person),
    lastEncounter(person),
    ...conditionsOf(person),
    ...medicationsOf(person),
    ...allergiesOf(person),
    ...vitalsOf(person),
  ];
}
