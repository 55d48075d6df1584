/** The codes that the demo data use, each a real code of its system with that system's display. */
import type { CodeableConcept } from '@medplum/fhirtypes';

const systems = {
  icd10: 'http://hl7.org/fhir/sid/icd-10-cm',
  rxnorm: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  loinc: 'http://loinc.org',
  allergyStatus: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical',
  allergyVerification: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification',
  conditionStatus: 'http://terminology.hl7.org/CodeSystem/condition-clinical',
  conditionVerification: 'http://terminology.hl7.org/CodeSystem/condition-ver-status',
  conditionCategory: 'http://terminology.hl7.org/CodeSystem/condition-category',
  observationCategory: 'http://terminology.hl7.org/CodeSystem/observation-category',
  actCode: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  organizationType: 'http://terminology.hl7.org/CodeSystem/organization-type',
  cvx: 'http://hl7.org/fhir/sid/cvx',
  snomed: 'http://snomed.info/sct',
  roleCode: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode',
  maritalStatus: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus',
  interpretation: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation',
  diagnosticService: 'http://terminology.hl7.org/CodeSystem/v2-0074',
} as const;

/** A CodeableConcept with one coding; `display` becomes the text as well. */
export function concept(system: keyof typeof systems, code: string, display?: string): CodeableConcept {
  if (display === undefined) return { coding: [{ system: systems[system], code }] };
  return { coding: [{ system: systems[system], code, display }], text: display };
}

export const actCode = { system: systems.actCode, code: 'AMB', display: 'ambulatory' };

export const conditions = {
  hypertension: concept('icd10', 'I10', 'Essential (primary) hypertension'),
  diabetes: concept('icd10', 'E11.9', 'Type 2 diabetes mellitus without complications'),
  asthma: concept('icd10', 'J45.909', 'Unspecified asthma, uncomplicated'),
  hypothyroidism: concept('icd10', 'E03.9', 'Hypothyroidism, unspecified'),
  hyperlipidemia: concept('icd10', 'E78.5', 'Hyperlipidemia, unspecified'),
  reflux: concept('icd10', 'K21.9', 'Gastro-esophageal reflux disease without esophagitis'),
  migraine: concept('icd10', 'G43.909', 'Migraine, unspecified, not intractable, without status migrainosus'),
  kneeArthritis: concept('icd10', 'M17.11', 'Unilateral primary osteoarthritis, right knee'),
  depression: concept('icd10', 'F32.A', 'Depression, unspecified'),
  atrialFibrillation: concept('icd10', 'I48.91', 'Unspecified atrial fibrillation'),
} as const;

export type ConditionName = keyof typeof conditions;

/** Ingredients, with the dosage as it is said to the patient. */
export const medications = {
  lisinopril: { code: concept('rxnorm', '29046', 'lisinopril'), dosage: '10 mg by mouth once daily' },
  metformin: {
    code: concept('rxnorm', '6809', 'metformin'),
    dosage: '500 mg by mouth twice daily with meals',
  },
  albuterol: { code: concept('rxnorm', '435', 'albuterol'), dosage: '2 puffs every 4 to 6 hours as needed' },
  levothyroxine: {
    code: concept('rxnorm', '10582', 'levothyroxine'),
    dosage: '50 mcg by mouth every morning',
  },
  atorvastatin: { code: concept('rxnorm', '83367', 'atorvastatin'), dosage: '20 mg by mouth at bedtime' },
  omeprazole: { code: concept('rxnorm', '7646', 'omeprazole'), dosage: '20 mg by mouth before breakfast' },
  sumatriptan: {
    code: concept('rxnorm', '37418', 'sumatriptan'),
    dosage: '50 mg by mouth at onset of migraine',
  },
  sertraline: { code: concept('rxnorm', '36437', 'sertraline'), dosage: '50 mg by mouth once daily' },
  apixaban: { code: concept('rxnorm', '1364430', 'apixaban'), dosage: '5 mg by mouth twice daily' },
} as const;

export type MedicationName = keyof typeof medications;

export const allergies = {
  penicillin: concept('rxnorm', '7980', 'penicillin G'),
  aspirin: concept('rxnorm', '1191', 'aspirin'),
  peanut: { text: 'Peanut' },
  latex: { text: 'Latex' },
} as const satisfies Record<string, CodeableConcept>;

export type AllergyName = keyof typeof allergies;
