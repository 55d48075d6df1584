/** The code stage without any service: terms that stand in the dictionary as they are, whoever extracted them. */
import { mentionsIn } from '../../clinical/extract/index.ts';
import type { ClinicalEntity } from '../../clinical/index.ts';
import type { CodeProvider } from '../stages.ts';
import { embedded } from './identity.ts';

const ICD_10_CM = 'http://hl7.org/fhir/sid/icd-10-cm';

export const embeddedCodeProvider: CodeProvider = {
  ...embedded,
  refusal: () => undefined,
  run: ({ entities }) => Promise.resolve({ output: entities.map(coded) }),
};

/** "Mild asthma" is not asthma in the dictionary's sense: the whole term must be the mention. */
function coded(entity: ClinicalEntity): ClinicalEntity {
  if (entity.category !== 'MEDICAL_CONDITION' || entity.concepts.length > 0) return entity;
  const term = entity.text.trim();
  const [mention, ...others] = mentionsIn(term);
  const isWhole = mention !== undefined && others.length === 0 && mention.text.length === term.length;
  if (!isWhole || mention.concept.kind === 'drug' || mention.concept.code === undefined) return entity;
  const { code, name } = mention.concept;
  return { ...entity, concepts: [{ system: ICD_10_CM, code, display: name }] };
}
