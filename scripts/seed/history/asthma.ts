/** A child with asthma: wheezing with colds, then a controller, and growth meanwhile. */
import type { Chart } from './chart.ts';
import { visit } from './chart.ts';
import { problems } from './codes.ts';
import { carePlan, note } from './document.ts';
import { childSigns, growUp } from './healthy-child.ts';
import { problem } from './problem.ts';
import { immunize, perform, prescribe } from './treatment.ts';
import { vitals } from './vital-signs.ts';

export function asthma(chart: Chart): void {
  const { random } = chart;
  growUp(chart);
  const years = random.between(3, 4);
  const first = visit(chart, years, { text: 'Cough at night and wheezing' });
  const condition = problem(chart, first, 'childAsthma', { daysBefore: random.between(20, 90) });
  vitals(chart, first, { ...childSigns(chart, first), saturation: 95, breaths: random.between(26, 30) });
  prescribe(chart, first, 'albuterol', condition);
  note(chart, first, {
    subjective: 'Cough at night for six weeks, wheezing when running. Father has asthma.',
    objective: 'Expiratory wheeze on both sides, no distress.',
    plan: 'Asthma. Albuterol with a spacer as needed, written action plan, return in four weeks.',
  });
  const second = visit(chart, years - 0.1, {
    ...problems.childAsthma,
    text: 'Asthma: still coughs at night',
  });
  vitals(chart, second, { ...childSigns(chart, second), saturation: 97, breaths: random.between(20, 24) });
  prescribe(chart, second, 'fluticasone', condition);
  perform(chart, second, 'spirometry', {
    reason: condition,
    outcome: 'Obstruction that is reversible with albuterol',
  });
  for (let ago = years - 0.6; ago > 0.1; ago -= 0.5) {
    const at = visit(chart, ago, { ...problems.childAsthma, text: 'Follow-up of asthma' });
    vitals(chart, at, { ...childSigns(chart, at), saturation: random.between(97, 99), breaths: random.between(16, 22) }); // prettier-ignore
    if (random.chance(0.5)) immunize(chart, at, 'influenza');
  }
  carePlan(
    chart,
    second,
    'Asthma action plan',
    [condition],
    [{ text: 'No cough at night, sports without wheezing' }],
    ['Controller every day', 'Albuterol before sports', 'Emergency department when albuterol does not help'],
  );
}
