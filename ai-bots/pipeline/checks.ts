/** What every answer of a stage must stand up to, whoever gave it. */
import { checkCodes, checkEntities, checkNote } from '../clinical/support/index.ts';
import type { ClinicalEntity, DraftedNote } from '../clinical/index.ts';
import { ProviderFault, type Provider } from '../orchestrator/provider.ts';
import type { Checked } from '../orchestrator/stage.ts';
import { isOurs } from '../provider/embedded/identity.ts';
import type { CodeInput, DraftInput, ExtractInput } from '../provider/stages.ts';

export function checkDraft(
  { transcript, patient }: DraftInput,
  output: DraftedNote,
  provider: Pick<Provider<DraftInput, DraftedNote>, 'name'>,
): Checked<DraftedNote> {
  // Our own drafter finds nothing where nothing is; others that are silent have not done their work.
  if (output.sections.length === 0 && transcript.segments.length > 0 && !isOurs(provider))
    throw new ProviderFault('unusable', 'it wrote no note although something was said');
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
