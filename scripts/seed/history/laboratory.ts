/** Results of the laboratory: Observations, and the DiagnosticReport that holds them together. */
import type { Observation } from '@medplum/fhirtypes';
import { organizationReference } from '../clinic.ts';
import { concept } from '../coding.ts';
import { minutesAfter } from '../day.ts';
import type { Chart, Visit } from './chart.ts';
import { measured, type Measure } from './measure.ts';

function test(
  code: string,
  display: string,
  unit: string,
  range: { readonly low?: number; readonly high?: number },
  ucum = unit,
): Measure {
  return { code, display, unit, ucum, ...range };
}

export const tests = {
  hba1c: test('4548-4', 'Hemoglobin A1c/Hemoglobin.total in Blood', '%', { low: 4, high: 5.6 }),
  glucose: test('2345-7', 'Glucose [Mass/volume] in Serum or Plasma', 'mg/dL', { low: 70, high: 99 }),
  cholesterol: test('2093-3', 'Cholesterol [Mass/volume] in Serum or Plasma', 'mg/dL', { high: 200 }),
  hdl: test('2085-9', 'Cholesterol in HDL [Mass/volume] in Serum or Plasma', 'mg/dL', { low: 40 }),
  ldl: test('13457-7', 'Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation', 'mg/dL', {
    high: 130,
  }),
  triglycerides: test('2571-8', 'Triglyceride [Mass/volume] in Serum or Plasma', 'mg/dL', { high: 150 }),
  creatinine: test('2160-0', 'Creatinine [Mass/volume] in Serum or Plasma', 'mg/dL', { low: 0.6, high: 1.3 }),
  egfr: test(
    '62238-1',
    'Glomerular filtration rate/1.73 sq M.predicted [Volume Rate/Area] in Serum, Plasma or Blood by Creatinine-based formula (CKD-EPI)',
    'mL/min/1.73 m2',
    { low: 60 },
    'mL/min/{1.73_m2}',
  ),
  potassium: test('2823-3', 'Potassium [Moles/volume] in Serum or Plasma', 'mmol/L', { low: 3.5, high: 5.1 }),
  urineAlbumin: test('9318-7', 'Albumin/Creatinine [Mass Ratio] in Urine', 'mg/g', { high: 30 }),
  tsh: test(
    '3016-3',
    'Thyrotropin [Units/volume] in Serum or Plasma',
    'mIU/L',
    { low: 0.4, high: 4.5 },
    'm[IU]/L',
  ),
  freeT4: test('3024-7', 'Thyroxine (T4) free [Mass/volume] in Serum or Plasma', 'ng/dL', {
    low: 0.8,
    high: 1.8,
  }),
  hemoglobin: test('718-7', 'Hemoglobin [Mass/volume] in Blood', 'g/dL', { low: 12, high: 17.5 }),
  leukocytes: test('6690-2', 'Leukocytes [#/volume] in Blood by Automated count', '10*3/uL', {
    low: 4,
    high: 11,
  }),
  platelets: test('777-3', 'Platelets [#/volume] in Blood by Automated count', '10*3/uL', {
    low: 150,
    high: 400,
  }),
  ferritin: test('2276-4', 'Ferritin [Mass/volume] in Serum or Plasma', 'ng/mL', { low: 15, high: 300 }),
} as const;

export type TestName = keyof typeof tests;

const panels = {
  lipids: ['24331-1', 'Lipid 1996 panel - Serum or Plasma'],
  metabolic: ['51990-0', 'Basic metabolic panel - Blood'],
  bloodCount: ['58410-2', 'CBC panel - Blood by Automated count'],
  laboratory: ['11502-2', 'Laboratory report'],
} as const;

const laboratoryCategory = concept('diagnosticService', 'LAB', 'Laboratory');
/** The blood is drawn at the visit; the report is there an hour and a half later. */
const REPORTED_MINUTES = 90;

function result(chart: Chart, visit: Visit): Omit<Observation, 'code'> {
  return {
    resourceType: 'Observation',
    id: chart.nextId('obs'),
    status: 'final',
    category: [concept('observationCategory', 'laboratory', 'Laboratory')],
    subject: chart.subject,
    encounter: visit.encounter,
    effectiveDateTime: minutesAfter(visit.start, 10),
    issued: minutesAfter(visit.start, REPORTED_MINUTES),
    performer: [organizationReference],
  };
}

function report(
  chart: Chart,
  visit: Visit,
  panel: keyof typeof panels,
  results: readonly Observation[],
  conclusion?: string,
): void {
  chart.resources.push(...results, {
    resourceType: 'DiagnosticReport',
    id: chart.nextId('report'),
    status: 'final',
    category: [laboratoryCategory],
    code: concept('loinc', panels[panel][0], panels[panel][1]),
    subject: chart.subject,
    encounter: visit.encounter,
    effectiveDateTime: minutesAfter(visit.start, 10),
    issued: minutesAfter(visit.start, REPORTED_MINUTES),
    performer: [organizationReference],
    result: results.map(({ id, code }) => ({
      reference: `Observation/${id ?? ''}`,
      ...(code.text === undefined ? {} : { display: code.text }),
    })),
    ...(conclusion === undefined ? {} : { conclusion }),
  });
}

/** Writes each value, and their report. */
export function labs(
  chart: Chart,
  visit: Visit,
  panel: keyof typeof panels,
  values: Partial<Record<TestName, number>>,
  conclusion?: string,
): void {
  const results = Object.entries(values).map(([name, value]) => ({
    ...result(chart, visit),
    ...measured(tests[name as TestName], value),
  }));
  report(chart, visit, panel, results, conclusion);
}

/** A rapid test of a throat swab for streptococci. */
export function throatSwab(chart: Chart, visit: Visit, isPositive: boolean): void {
  const found = isPositive
    ? concept('snomed', '10828004', 'Positive')
    : concept('snomed', '260385009', 'Negative');
  const swab: Observation = {
    ...result(chart, visit),
    code: concept('loinc', '78012-2', 'Streptococcus pyogenes Ag [Presence] in Throat by Rapid immunoassay'),
    valueCodeableConcept: found,
  };
  report(chart, visit, 'laboratory', [swab]);
}

/** Total cholesterol, and the LDL that follows from the others by the formula of Friedewald. */
export function lipids(chart: Chart, visit: Visit, ldl: number): void {
  const { random } = chart;
  const [hdl, triglycerides] = [random.between(41, 62), random.between(95, 190)];
  labs(chart, visit, 'lipids', {
    cholesterol: Math.round(ldl + hdl + triglycerides / 5),
    hdl,
    ldl,
    triglycerides,
  });
}

/** @param egfr in mL/min/1.73 m2; the creatinine goes along with it */
export function metabolic(chart: Chart, visit: Visit, egfr: number): void {
  const { random, member } = chart;
  const at90 = member.gender === 'male' ? 0.95 : 0.78;
  labs(chart, visit, 'metabolic', {
    creatinine: Number((at90 * (90 / egfr) ** 0.85).toFixed(2)),
    egfr,
    potassium: random.between(3.8, 4.8, 1),
  });
}

export function bloodCount(chart: Chart, visit: Visit, hemoglobin: number, leukocytes?: number): void {
  const { random } = chart;
  labs(chart, visit, 'bloodCount', {
    hemoglobin,
    leukocytes: leukocytes ?? random.between(4.8, 9.2, 1),
    platelets: random.between(180, 340),
  });
}
