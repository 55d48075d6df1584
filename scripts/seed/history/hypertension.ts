/** Hypertension: readings that fall when treatment is begun, and once more when it is stepped up. */
import type { Chart } from './chart.ts';
import { visit } from './chart.ts';
import { problems } from './codes.ts';
import { carePlan, note } from './document.ts';
import { lipids, metabolic } from './laboratory.ts';
import { problem } from './problem.ts';
import { round } from './random.ts';
import { immunize, perform, prescribe } from './treatment.ts';
import { about, vitals } from './vital-signs.ts';

export function hypertension(chart: Chart): void {
  const { random } = chart;
  const years = random.between(3, 5);
  const begin = random.between(156, 168);
  const second = random.pick(['amlodipine', 'hydrochlorothiazide'] as const);
  const heightCm = chart.member.gender === 'male' ? random.between(168, 185) : random.between(155, 172);
  const weight = round((heightCm / 100) ** 2 * random.between(24, 29), 1);
  const measure = (at: ReturnType<typeof visit>, systolic: number): void =>
    vitals(chart, at, {
      pressure: [about(chart, systolic, 4), about(chart, Math.round(systolic * 0.6 + 2), 3)],
      pulse: about(chart, 72, 7),
      weightKg: round(weight + random.between(-1, 1, 1), 1),
    });
  const first = visit(chart, years + 0.1, { text: 'High blood pressure at home' });
  measure(first, begin);
  vitals(chart, first, { heightCm });
  perform(chart, first, 'electrocardiogram', { outcome: 'Sinus rhythm, no sign of hypertrophy' });
  metabolic(chart, first, random.between(74, 95));
  const again = visit(chart, years, { ...problems.hypertension, text: 'Blood pressure again' });
  const condition = problem(chart, again, 'hypertension', { daysBefore: random.between(30, 90) });
  measure(again, begin - 2);
  prescribe(chart, again, 'lisinopril', condition);
  note(chart, again, {
    subjective: 'Readings at home between 150 and 170 for weeks. No chest pain, no shortness of breath.',
    plan: 'Essential hypertension on repeated readings. Lisinopril 10 mg daily, less salt, potassium in a month.',
  });
  const visits = Math.round(years * 2);
  for (let number = 1; number < visits; number += 1) {
    const at = visit(chart, years - number / 2, {
      ...problems.hypertension,
      text: 'Follow-up of blood pressure',
    });
    measure(at, number === 1 ? begin - 13 : number === 2 ? begin - 22 : 129);
    if (number === 2) prescribe(chart, at, second, condition);
    if (number % 2 !== 0) continue;
    metabolic(chart, at, random.between(72, 94));
    lipids(chart, at, random.between(96, 128));
    immunize(chart, at, 'influenza');
  }
  carePlan(
    chart,
    again,
    'Blood pressure',
    [condition],
    [{ text: 'Blood pressure below 130/80 mmHg at home' }],
    ['Measure at home twice a week', 'Less than 5 g of salt a day'],
  );
}
