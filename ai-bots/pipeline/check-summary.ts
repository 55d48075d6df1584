/** A chart is read in a hurry: what its facts do not say in full is left out rather than marked. */
import type { Segment } from '../clinical/types.ts';
import { factsSay, isInstruction } from '../clinical/support/index.ts';
import { ProviderFault, type Provider } from '../orchestrator/provider.ts';
import type { Checked } from '../orchestrator/stage.ts';
import { isOurs } from '../provider/embedded/identity.ts';
import type { SummariseInput, Summary, SummarySentence } from '../provider/stages.ts';
import { SUMMARY_TITLES } from '../provider/summary-title.ts';

const TITLES: ReadonlySet<string> = new Set(SUMMARY_TITLES);

export function checkSummary(
  input: SummariseInput,
  output: Summary,
  provider: Pick<Provider<SummariseInput, Summary>, 'name'>,
): Checked<Summary> {
  const own = isOurs(provider);
  const isSaid = judgeOf(input, own);
  const sections = output.sections.flatMap((section) => {
    const sentences = TITLES.has(section.title) ? section.sentences.filter(isSaid) : [];
    return sentences.length === 0 ? [] : [{ ...section, sentences }];
  });
  const dropped = countOf(output) - countOf({ sections });
  if (sections.length === 0 && dropped > 0)
    throw new ProviderFault('unusable', 'the chart supports no sentence of its summary');
  if (!own) refuseGaps(input, { sections });
  return { output: { sections }, dropped, marked: 0 };
}

const countOf = ({ sections }: Summary): number => sections.reduce((sum, s) => sum + s.sentences.length, 0);

/** Our own summary lists facts word for word, and obeys none of them. */
function judgeOf({ facts, reason }: SummariseInput, own: boolean): (sentence: SummarySentence) => boolean {
  const written = (id: string, text: string): Segment => ({ id, role: 'clinician', text });
  const said = new Map(facts.map((f) => [f.reference, written(f.reference, f.text)]));
  const dates = new Map(facts.map((f) => [f.reference, written(f.reference, f.date ?? '')]));
  const why = written('reason', reason ?? '');
  const context = isInstruction(why) ? [] : [why];
  return ({ text, source }) => {
    const cited = source.flatMap((reference) => said.get(reference) ?? []);
    if (source.length === 0 || cited.length !== source.length) return false;
    if (!own && cited.some(isInstruction)) return false;
    return factsSay(text, cited, [...source.flatMap((reference) => dates.get(reference) ?? []), ...context]);
  };
}

/** Throws ProviderFault where an allergy or a medication would not be seen, or nothing of the chart. */
function refuseGaps({ facts }: SummariseInput, { sections }: Summary): void {
  if (sections.length === 0 && facts.length > 0)
    throw new ProviderFault('unusable', 'it wrote no summary although the chart holds facts');
  const cited = new Set(sections.flatMap((s) => s.sentences.flatMap(({ source }) => source)));
  // Several resources may say the same.
  const seen = new Set(facts.filter((f) => cited.has(f.reference)).map((f) => f.text));
  const isMissing = facts.some(
    ({ category, text }) => (category === 'allergy' || category === 'medication') && !seen.has(text),
  );
  if (isMissing)
    throw new ProviderFault('unusable', 'its summary leaves out recorded allergies or medications');
}
