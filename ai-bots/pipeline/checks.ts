/** What every answer of a stage must stand up to, whoever gave it. */
import { checkCodes, checkEntities, checkNote, judgeText } from '../clinical/support/index.ts';
import type { ClinicalEntity, DraftedNote } from '../clinical/index.ts';
import { ProviderFault } from '../orchestrator/provider.ts';
import type { Checked } from '../orchestrator/stage.ts';
import type { CodeInput, DraftInput, ExtractInput, SummariseInput, Summary } from '../provider/stages.ts';

export function checkDraft({ transcript, patient }: DraftInput, output: DraftedNote): Checked<DraftedNote> {
  const { note, dropped, marked } = checkNote(output, transcript, patient);
  if (note.sections.length === 0 && dropped > 0)
    throw new ProviderFault('unusable', 'the visit supports no sentence of its note');
  return { output: note, dropped, marked };
}

export function checkExtract(
  { transcript }: ExtractInput,
  output: readonly ClinicalEntity[],
): Checked<readonly ClinicalEntity[]> {
  const { entities, dropped, marked } = checkEntities(output, transcript);
  if (entities.length === 0 && dropped > 0)
    throw new ProviderFault('unusable', 'none of what it found was said in the visit');
  return { output: entities, dropped, marked };
}

export function checkCode(
  { entities }: CodeInput,
  output: readonly ClinicalEntity[],
): Checked<readonly ClinicalEntity[]> {
  const checked = checkCodes(output, entities);
  if (checked === undefined)
    throw new ProviderFault('unusable', 'it answered for other entities than it was asked about');
  return { output: checked.entities, dropped: checked.dropped, marked: 0 };
}

/** A chart is read in a hurry: what its facts do not say in full is left out rather than marked. */
export function checkSummary({ facts, reason }: SummariseInput, output: Summary): Checked<Summary> {
  const said = new Map(facts.map((f) => [f.reference, `${f.text} ${f.date ?? ''}`]));
  let dropped = 0;
  const sections = output.sections.flatMap((section) => {
    const sentences = section.sentences.filter(({ text, source }) => {
      const isTraceable = source.length > 0 && source.every((reference) => said.has(reference));
      const words = [...source.map((reference) => said.get(reference)), reason ?? ''].join(' \n ');
      const isSupported = isTraceable && judgeText(text, words).kind === 'supported';
      if (!isSupported) dropped += 1;
      return isSupported;
    });
    return sentences.length === 0 ? [] : [{ ...section, sentences }];
  });
  if (sections.length === 0 && dropped > 0)
    throw new ProviderFault('unusable', 'the chart supports no sentence of its summary');
  return { output: { sections }, dropped, marked: 0 };
}
