/** Vital signs and scores of a visit. https://hl7.org/fhir/R4/observation-vitalsigns.html */
import type { Observation } from '@medplum/fhirtypes';
import { nurseReference } from '../clinic.ts';
import { concept } from '../coding.ts';
import { minutesAfter } from '../day.ts';
import type { Chart, Visit } from './chart.ts';
import { measured, quantity, type Measure } from './measure.ts';
import { round } from './random.ts';

const measure = (code: string, display: string, unit: string, ucum = unit): Measure => ({
  code,
  display,
  unit,
  ucum,
});

const signs = {
  pulse: measure('8867-4', 'Heart rate', 'beats/minute', '/min'),
  weightKg: measure('29463-7', 'Body weight', 'kg'),
  heightCm: measure('8302-2', 'Body height', 'cm'),
  bmi: measure('39156-5', 'Body mass index (BMI) [Ratio]', 'kg/m2'),
  temperature: measure('8310-5', 'Body temperature', 'Cel'),
  saturation: measure('59408-5', 'Oxygen saturation in Arterial blood by Pulse oximetry', '%'),
  breaths: measure('9279-1', 'Respiratory rate', 'breaths/minute', '/min'),
} as const;

export type Signs = Partial<Record<Exclude<keyof typeof signs, 'bmi'>, number>> & {
  readonly pressure?: readonly [systolic: number, diastolic: number];
};

function observation(chart: Chart, visit: Visit, category: readonly [string, string]) {
  return {
    resourceType: 'Observation' as const,
    id: chart.nextId('obs'),
    status: 'final' as const,
    category: [concept('observationCategory', ...category)],
    subject: chart.subject,
    encounter: visit.encounter,
    effectiveDateTime: minutesAfter(visit.start, 3),
    performer: [nurseReference],
  };
}

const VITAL = ['vital-signs', 'Vital Signs'] as const;

function pressure(chart: Chart, visit: Visit, [systolic, diastolic]: readonly [number, number]): Observation {
  const component = (code: string, display: string, value: number) => ({
    code: concept('loinc', code, display),
    valueQuantity: quantity(value, 'mmHg', 'mm[Hg]'),
  });
  return {
    ...observation(chart, visit, VITAL),
    code: concept('loinc', '85354-9', 'Blood pressure panel with all children optional'),
    component: [
      component('8480-6', 'Systolic blood pressure', systolic),
      component('8462-4', 'Diastolic blood pressure', diastolic),
    ],
  };
}

/** Writes what was measured; the body mass index follows from weight and height. */
export function vitals(chart: Chart, visit: Visit, values: Signs): void {
  const { pressure: pair, ...single } = values;
  if (pair !== undefined) chart.resources.push(pressure(chart, visit, pair));
  const { weightKg, heightCm } = single;
  const bmi =
    weightKg === undefined || heightCm === undefined ? undefined : round(weightKg / (heightCm / 100) ** 2, 1);
  for (const [name, value] of Object.entries({ ...single, bmi })) {
    if (value === undefined) continue;
    const sign = signs[name as keyof typeof signs];
    chart.resources.push({ ...observation(chart, visit, VITAL), ...measured(sign, value) });
  }
}

/** A value around what is usual of the person, as pulses and pressures are. */
export const about = ({ random }: Chart, middle: number, spread: number): number =>
  round(middle + random.between(-spread, spread));

/** The score of the questionnaire on depression, from 0 to 27. */
export function phq9(chart: Chart, visit: Visit, score: number): void {
  chart.resources.push({
    ...observation(chart, visit, ['survey', 'Survey']),
    ...measured(
      measure(
        '44261-6',
        'Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]',
        'score',
        '{score}',
      ),
      score,
    ),
  });
}

const smokingStatus = {
  current: concept('snomed', '449868002', 'Smokes tobacco daily'),
  former: concept('snomed', '8517006', 'Ex-smoker'),
  never: concept('snomed', '266919005', 'Never smoked tobacco'),
} as const;

export function smoking(chart: Chart, visit: Visit, status: keyof typeof smokingStatus): void {
  chart.resources.push({
    ...observation(chart, visit, ['social-history', 'Social History']),
    code: concept('loinc', '72166-2', 'Tobacco smoking status'),
    valueCodeableConcept: smokingStatus[status],
  });
}
