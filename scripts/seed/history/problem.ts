/** Problems and allergies, tied to the visit at which they were found. */
import type { AllergyIntolerance, Condition, Reference } from '@medplum/fhirtypes';
import { concept } from '../coding.ts';
import { addDays } from '../day.ts';
import type { Chart, Visit } from './chart.ts';
import { problems, substances, type ProblemName, type SubstanceName } from './codes.ts';

export interface Course {
  /** How long it had been there when it was found. */
  readonly daysBefore?: number;
  /** The day of its end. */
  readonly until?: string;
}

/** A problem of the list; with an end it is resolved. */
export function problem(
  chart: Chart,
  visit: Visit,
  name: ProblemName,
  { daysBefore = 0, until }: Course = {},
): Reference<Condition> {
  const id = chart.nextId('problem');
  const onset = addDays(visit.date, -daysBefore);
  chart.resources.push({
    resourceType: 'Condition',
    id,
    clinicalStatus: concept('conditionStatus', until === undefined ? 'active' : 'resolved'),
    verificationStatus: concept('conditionVerification', 'confirmed'),
    category: [concept('conditionCategory', 'problem-list-item', 'Problem List Item')],
    code: problems[name],
    subject: chart.subject,
    encounter: visit.encounter,
    onsetDateTime: onset > chart.member.birthDate ? onset : visit.date,
    ...(until === undefined ? {} : { abatementDateTime: until }),
    recordedDate: visit.date,
    recorder: chart.member.doctor,
  });
  return { reference: `Condition/${id}`, ...(problems[name].text ? { display: problems[name].text } : {}) };
}

export function allergy(
  chart: Chart,
  visit: Visit,
  name: SubstanceName,
  reaction: string,
  severity: 'mild' | 'moderate' | 'severe' = 'mild',
): void {
  const isFood = name === 'peanut';
  const isSubstance = name === 'latex' || name === 'beeVenom';
  const category: AllergyIntolerance['category'] = [
    isFood ? 'food' : isSubstance ? 'environment' : 'medication',
  ];
  chart.resources.push({
    resourceType: 'AllergyIntolerance',
    id: chart.nextId('allergy'),
    clinicalStatus: concept('allergyStatus', 'active'),
    verificationStatus: concept('allergyVerification', 'confirmed'),
    type: 'allergy',
    category,
    criticality: severity === 'severe' ? 'high' : 'low',
    code: substances[name],
    patient: chart.subject,
    encounter: visit.encounter,
    recordedDate: visit.date,
    recorder: chart.member.doctor,
    reaction: [{ manifestation: [{ text: reaction }], severity }],
  });
}
