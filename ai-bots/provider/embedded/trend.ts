/** Results of the same kind in one sentence: the last value, and how the one before compares. */
import type { ChartFact, SummarySentence } from '../stages.ts';

interface Result {
  /** "Hemoglobin A1c" */
  readonly name: string;
  /** "7.9 % (high)" */
  readonly value: string;
  readonly fact: ChartFact;
}

/** @param facts results as `name: value`, the newest first; what has another form stands by itself */
export function trendsOf(facts: readonly ChartFact[]): SummarySentence[] {
  const results = facts.map((fact): Result => {
    const [, name = '', value = ''] = /^([^:]+): (.+)$/.exec(fact.text) ?? [];
    return { name: name === '' ? fact.text : name, value, fact };
  });
  return [...Map.groupBy(results, (result) => result.name).values()].map(sentenceOf);
}

function sentenceOf([last, previous]: readonly Result[]): SummarySentence {
  if (last === undefined) throw new RangeError('a group has at least one result');
  const { fact } = last;
  if (previous === undefined || last.value === '') {
    return { text: `${fact.text}${on(fact)}.`, source: [fact.reference] };
  }
  const words = `${fact.text}${on(fact)}, ${comparison(last, previous)} ${previous.value}${on(previous.fact)}.`;
  return { text: words, source: [fact.reference, previous.fact.reference] };
}

const on = ({ date }: ChartFact): string => (date === undefined ? '' : ` on ${date.slice(0, 10)}`);

/** A number with the same unit can be compared; everything else is only put beside. */
function comparison(last: Result, previous: Result): string {
  const [now, before] = [measureIn(last.value), measureIn(previous.value)];
  if (now === undefined || before === undefined || now.unit !== before.unit) return 'before that';
  if (now.value === before.value) return 'unchanged from';
  return now.value > before.value ? 'higher than' : 'lower than';
}

function measureIn(text: string): { readonly value: number; readonly unit: string } | undefined {
  const [, value, unit = ''] = /^(-?\d+(?:\.\d+)?)(?: ([^\s(,]+))?(?: \([^)]*\))?$/.exec(text) ?? [];
  return value === undefined ? undefined : { value: Number(value), unit };
}
