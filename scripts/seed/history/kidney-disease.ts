/** Chronic kidney disease: an eGFR that falls slowly, stage by stage, under blood pressure treatment. */
import type { Reference, Condition } from '@medplum/fhirtypes';
import type { Chart } from './chart.ts';
import { visit } from './chart.ts';
import { problems, type ProblemName } from './codes.ts';
import { carePlan, note } from './document.ts';
import { bloodCount, labs, metabolic } from './laboratory.ts';
import { problem } from './problem.ts';
import { round } from './random.ts';
import { immunize, prescribe } from './treatment.ts';
import { about, vitals } from './vital-signs.ts';

/** https://kdigo.org/guidelines/ckd-evaluation-and-management/ */
const stageOf = (egfr: number): ProblemName =>
  egfr >= 60 ? 'kidney2' : egfr >= 45 ? 'kidney3a' : 'kidney3b';

interface Stage {
  readonly name: ProblemName;
  readonly found: ReturnType<typeof visit>;
}

export function kidneyDisease(chart: Chart): void {
  const { random } = chart;
  const years = random.between(4, 5);
  const [begin, perYear] = [random.between(66, 72), random.between(4, 5, 1)];
  const heightCm = chart.member.gender === 'male' ? random.between(166, 180) : random.between(154, 166);
  const weight = (heightCm / 100) ** 2 * random.between(24, 28, 1);
  const stages: Stage[] = [];
  let pressure: Reference<Condition> | undefined;
  for (let ago = years; ago > 0.1; ago -= 0.5) {
    const egfr = Math.round(begin - (years - ago) * perYear + random.between(-1, 1));
    const at = visit(chart, ago, { ...problems[stageOf(egfr)], text: ago === years ? 'Blood test results' : 'Follow-up of kidney disease' }); // prettier-ignore
    const last = stages.at(-1);
    // A stage is entered once: values go up and down a little around its border.
    if (last === undefined || stageOf(egfr) > last.name) stages.push({ name: stageOf(egfr), found: at });
    vitals(chart, at, {
      pressure: [about(chart, ago === years ? 152 : 130, 5), about(chart, ago === years ? 88 : 78, 4)],
      pulse: about(chart, 72, 6),
      weightKg: round(weight + random.between(-1, 1, 1), 1),
      ...(ago === years ? { heightCm } : {}),
    });
    metabolic(chart, at, egfr);
    labs(chart, at, 'laboratory', {
      urineAlbumin: Math.round(42 + (years - ago) * 6 + random.between(-5, 5)),
    });
    if (Number.isInteger(ago)) {
      bloodCount(chart, at, round(13.4 - (years - ago) * 0.3, 1));
      immunize(chart, at, 'influenza');
    }
    if (pressure !== undefined) continue;
    pressure = problem(chart, at, 'hypertension', { daysBefore: 2_000 });
    prescribe(chart, at, 'losartan', pressure);
    note(chart, at, {
      subjective: 'Feels well. Blood pressure has been high for years. No swelling, no trouble urinating.',
      plan: `eGFR ${egfr} with albumin in the urine: chronic kidney disease. Losartan 50 mg, no ibuprofen, tests every six months.`,
    });
  }
  const conditions = stages.map(({ name, found }, i) => {
    const next = stages[i + 1]?.found.date;
    return problem(chart, found, name, next === undefined ? {} : { until: next });
  });
  const [current, found] = [conditions.at(-1), stages.at(-1)?.found];
  if (current === undefined || found === undefined) return;
  prescribe(chart, found, 'empagliflozin', current);
  carePlan(
    chart,
    found,
    'Protecting the kidneys',
    [current],
    [{ text: 'Blood pressure below 130/80 mmHg' }, { text: 'Albumin/creatinine below 30 mg/g', target: ['urineAlbumin', 30] }], // prettier-ignore
    ['Tests every six months', 'No ibuprofen or naproxen', 'Nephrologist when the eGFR is below 30'],
  );
}
