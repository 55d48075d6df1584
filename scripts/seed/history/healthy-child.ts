/** Well-child visits with growth and the vaccinations of each age. */
import type { Chart, Visit } from './chart.ts';
import { visit } from './chart.ts';
import { reasons, type VaccineName } from './codes.ts';
import { problem } from './problem.ts';
import { round } from './random.ts';
import { immunize, prescribe } from './treatment.ts';
import { about, vitals, type Signs } from './vital-signs.ts';

const YEAR_MS = 365.25 * 86_400_000;
const ageAt = ({ member }: Chart, date: string): number =>
  (Date.parse(date) - Date.parse(member.birthDate)) / YEAR_MS;

/** Age in years, height in cm and weight in kg around the middle of the growth charts. */
const GROWTH = [
  [0, 50, 3.5],
  [0.5, 67, 7.6],
  [1, 75, 9.6],
  [2, 87, 12.2],
  [4, 102, 16.2],
  [6, 115, 20.5],
  [8, 128, 25.6],
  [10, 138, 32],
  [12, 149, 40],
  [14, 161, 50],
  [18, 172, 64],
] as const;

function grown(age: number): { heightCm: number; weightKg: number } {
  const above = GROWTH.findIndex(([years]) => years >= age);
  const [y1, h1, w1] = GROWTH[Math.max(above, 0)] ?? GROWTH[0];
  const [y0, h0, w0] = GROWTH[Math.max(above - 1, 0)] ?? GROWTH[0];
  const share = y1 === y0 ? 0 : (age - y0) / (y1 - y0);
  return { heightCm: round(h0 + (h1 - h0) * share, 1), weightKg: round(w0 + (w1 - w0) * share, 1) };
}

export function childSigns(chart: Chart, { date }: Visit): Signs {
  const age = ageAt(chart, date);
  const { heightCm, weightKg } = grown(age);
  return {
    heightCm,
    weightKg: round(weightKg * (1 + chart.random.between(-0.03, 0.03, 2)), 1),
    pulse: about(chart, Math.round(125 - Math.min(age, 14) * 3.2), 6),
    ...(age < 3
      ? {}
      : { pressure: [about(chart, Math.round(88 + age * 1.6), 4), about(chart, 58, 4)] as const }),
  };
}

/** Age in years and what is given then. */
const SCHEDULE: readonly (readonly [age: number, vaccines: readonly VaccineName[]])[] = [
  [0.17, ['dtap', 'polio', 'hepatitisB', 'hib', 'pneumococcal13', 'rotavirus']],
  [0.34, ['dtap', 'polio', 'hib', 'pneumococcal13', 'rotavirus']],
  [0.5, ['dtap', 'hepatitisB', 'pneumococcal13', 'rotavirus', 'influenza']],
  [1, ['mmr', 'varicella', 'hepatitisA', 'pneumococcal13']],
  [1.5, ['dtap', 'hib', 'hepatitisA']],
  [2.5, ['influenza']],
  [4, ['dtap', 'polio', 'mmr', 'varicella']],
  [5.5, ['influenza']],
  [7, ['influenza']],
  [9, ['influenza']],
  [11, ['tdap', 'hpv9']],
  [12, ['hpv9', 'influenza']],
];

/** The visits of the schedule up to now. */
export function growUp(chart: Chart): void {
  const age = ageAt(chart, chart.day);
  for (const [at, names] of SCHEDULE) {
    if (at > age - 0.1) return;
    const checkUp = visit(chart, age - at, { ...reasons.childCheckUp, text: 'Well-child visit' });
    vitals(chart, checkUp, childSigns(chart, checkUp));
    immunize(chart, checkUp, ...names);
  }
}

/** Growth and vaccinations, and an ear infection in between. */
export function healthyChild(chart: Chart): void {
  const { random } = chart;
  growUp(chart);
  const ill = visit(chart, random.between(0.3, 1.2, 2), { text: 'Fever and ear pain' });
  const until = new Date(Date.parse(ill.date) + 10 * 86_400_000).toISOString().slice(0, 10);
  const ear = problem(chart, ill, 'earInfection', { daysBefore: 2, until });
  vitals(chart, ill, { ...childSigns(chart, ill), temperature: random.between(38.3, 39.2, 1) });
  prescribe(chart, ill, 'amoxicillin', ear, until);
}
