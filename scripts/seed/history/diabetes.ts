/** Type 2 diabetes: found late, better with metformin, its complications looked for each year. */
import type { Chart } from './chart.ts';
import { visit } from './chart.ts';
import { problems } from './codes.ts';
import { carePlan, note } from './document.ts';
import { labs, lipids, metabolic } from './laboratory.ts';
import { problem } from './problem.ts';
import { round } from './random.ts';
import { immunize, perform, prescribe } from './treatment.ts';
import { about, vitals } from './vital-signs.ts';

/** HbA1c falls from where it began to where it settles, by half in each quarter after metformin. */
const hba1cAfter = (begin: number, settled: number, years: number): number =>
  settled + (begin - settled) * 0.5 ** (years * 4);

export function diabetes(chart: Chart): void {
  const { random } = chart;
  const years = random.between(3, 5);
  const begin = random.between(8.2, 9.9, 1);
  const settled = random.between(6.6, 7.3, 1);
  const heightCm = chart.member.gender === 'male' ? random.between(170, 184) : random.between(156, 170);
  const weight = round((heightCm / 100) ** 2 * random.between(29, 34), 1);
  const first = visit(chart, years, { text: 'Thirst and tiredness for some months' });
  const condition = problem(chart, first, 'diabetes', { daysBefore: random.between(60, 150) });
  const lipid = problem(chart, first, 'hyperlipidemia');
  vitals(chart, first, { pressure: [about(chart, 136, 6), about(chart, 84, 4)], pulse: about(chart, 78, 6), weightKg: weight, heightCm }); // prettier-ignore
  labs(chart, first, 'laboratory', { hba1c: begin, glucose: Math.round(begin * 28.7 - 46.7) });
  lipids(chart, first, random.between(138, 168));
  prescribe(chart, first, 'metformin', condition, first.date);
  perform(chart, first, 'dietEducation', { reason: condition });
  note(chart, first, {
    subjective: 'Thirst, frequent urination at night and tiredness for some months. Weight stable.',
    objective: `Weight ${weight} kg. Feet: pulses present, monofilament felt.`,
    plan: `New type 2 diabetes, HbA1c ${begin} %. Metformin 500 mg twice daily, diet education, return in three months.`,
  });
  let atorvastatin = false;
  for (let half = 1; half < years * 2; half += 1) {
    const passed = half / 2;
    const at = visit(chart, years - passed, { ...problems.diabetes, text: 'Follow-up of diabetes' });
    const hba1c = round(hba1cAfter(begin, settled, passed) + random.between(-0.2, 0.2, 1), 1);
    vitals(chart, at, {
      pressure: [about(chart, 132, 6), about(chart, 80, 4)],
      pulse: about(chart, 76, 6),
      weightKg: round(weight * (1 - 0.02 * Math.min(passed, 3)) + random.between(-0.6, 0.6, 1), 1),
    });
    labs(chart, at, 'laboratory', { hba1c, glucose: Math.round(hba1c * 28.7 - 46.7) });
    if (half === 1) prescribe(chart, at, 'metforminFull', condition);
    if (half % 2 !== 0) continue;
    const normal = 'No sign of retinopathy';
    perform(chart, at, 'retinaScreening', { reason: condition, outcome: normal });
    perform(chart, at, 'footExamination', { reason: condition, outcome: 'Pulses and sensation normal' });
    lipids(chart, at, atorvastatin ? random.between(72, 98) : random.between(132, 150));
    metabolic(chart, at, random.between(78, 96));
    immunize(chart, at, 'influenza');
    if (!atorvastatin) prescribe(chart, at, 'atorvastatin', lipid);
    atorvastatin = true;
  }
  carePlan(
    chart,
    first,
    'Diabetes care',
    [condition],
    [{ text: 'HbA1c below 7 %', target: ['hba1c', 7] }, { text: 'LDL cholesterol below 100 mg/dL', target: ['ldl', 100] }], // prettier-ignore
    [
      'HbA1c every six months',
      'Eye and foot examination each year',
      'Thirty minutes of walking on most days',
    ],
  );
}
