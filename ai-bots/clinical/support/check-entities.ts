/** Holds entities against the words that they name: text, numbers and negation; what does not fit is dropped or doubted. */
import { assertionsOf } from '../extract/assertion.ts';
import { extractEntities, mentionsIn } from '../extract/index.ts';
import { sentencesOf } from '../extract/sentences.ts';
import { tokensOf } from '../extract/tokens.ts';
import { vitalSignsIn } from '../extract/vital-signs.ts';
import type { ClinicalEntity, TraitName, Transcript } from '../types.ts';
import { isAttributeSaid } from './attribute-words.ts';
import { instructionSegments } from './instruction.ts';
import { numbersSaid, quantitiesIn } from './quantities.ts';

export interface CheckedEntities {
  readonly entities: readonly ClinicalEntity[];
  readonly dropped: number;
  readonly marked: number;
}

/** What two readings of the same words must agree on before anybody's problem is made of it. */
const DECISIVE: readonly TraitName[] = ['NEGATION', 'PERTAINS_TO_FAMILY'];

export function checkEntities(entities: readonly ClinicalEntity[], transcript: Transcript): CheckedEntities {
  const said = new Map(transcript.segments.map((s) => [s.id, s.text]));
  const instructions = instructionSegments(transcript);
  const own = extractEntities(transcript);
  let marked = 0;
  const kept = entities.flatMap((entity) => {
    const isTraceable = entity.source.length > 0 && entity.source.every((id) => said.has(id));
    // As sentences, so that what tokenisers split ("ca n't") reads as one word.
    const source = entity.source.flatMap((id) => sentencesOf(said.get(id) ?? '')).join('\n');
    if (!isTraceable || !isSaid(entity, source)) return [];
    const supported = withSaidAttributes(entity, source);
    if (supported === undefined) return [];
    const isDoubtful = entity.source.some((id) => instructions.has(id)) || disagrees(entity, own, source);
    if (!isDoubtful || hasTrait(entity, 'LOW_CONFIDENCE')) return [supported];
    marked += 1;
    return [{ ...supported, traits: [...supported.traits, { name: 'LOW_CONFIDENCE' as const }] }];
  });
  return { entities: kept, dropped: entities.length - kept.length, marked };
}

const hasTrait = ({ traits }: ClinicalEntity, name: TraitName): boolean =>
  traits.some((t) => t.name === name);
const flat = (text: string): string => text.toLowerCase().replace(/[\s-]+/g, ' ');

/** Word for word, or in other words for the same concept, or as the name of a measurement. */
function isSaid({ text, category }: ClinicalEntity, source: string): boolean {
  if (flat(source).includes(flat(text))) return true;
  const concepts = new Set(mentionsIn(source).map(({ concept }) => concept.name));
  if (mentionsIn(text).some(({ concept }) => concepts.has(concept.name))) return true;
  if (category === 'TEST_TREATMENT_PROCEDURE')
    return sentencesOf(source).some((s) => vitalSignsIn(s).some(({ name }) => name === text));
  // "Pain in the left knee" for "my left knee has a lot of pain": each word that counts was said, in some form.
  const words = flat(text).match(/\p{L}{3,}/gu) ?? [];
  const counting = words.filter((word) => !/^(?:the|and|with|for|from|his|her)$/.test(word));
  return (
    category === 'MEDICAL_CONDITION' &&
    counting.length > 0 &&
    counting.every((w) => flat(source).includes(w.slice(0, 5)))
  );
}

/** Doses, routes and frequencies that were not said are left out; a measurement without its value is none. */
function withSaidAttributes(entity: ClinicalEntity, source: string): ClinicalEntity | undefined {
  const said = numbersSaid(source);
  const attributes = entity.attributes.filter(
    (attribute) =>
      isAttributeSaid(attribute, source) && quantitiesIn(attribute.text).every((q) => said.supports(q)),
  );
  const lost = entity.attributes.length - attributes.length;
  if (lost > 0 && entity.category === 'TEST_TREATMENT_PROCEDURE') return undefined;
  return lost === 0 ? entity : { ...entity, attributes };
}

/** Our own reading of the same mention, where we have one, else of the words around it. */
function disagrees(entity: ClinicalEntity, own: readonly ClinicalEntity[], source: string): boolean {
  const names = new Set([entity.text, ...mentionsIn(entity.text).map(({ concept }) => concept.name)]);
  const same = own.filter((o) => names.has(o.text) && o.source.some((id) => entity.source.includes(id)));
  const readings =
    same.length > 0 ? same.map((o) => o.traits.map((t) => t.name)) : readingsOf(entity.text, source);
  if (readings.length === 0) return false;
  return DECISIVE.some((name) =>
    readings.every((traits) => traits.includes(name) !== hasTrait(entity, name)),
  );
}

/** What the words around it say of something that no lexicon knows. */
function readingsOf(name: string, source: string): (readonly TraitName[])[] {
  return sentencesOf(source).flatMap((text) => {
    const start = text.toLowerCase().indexOf(name.toLowerCase());
    if (start < 0) return [];
    const end = start + name.length;
    const tokens = tokensOf(text);
    const first = tokens.findIndex((token) => token.end > start);
    const behind = tokens.findLastIndex((token) => token.start < end) + 1;
    if (first < 0 || behind <= first) return [];
    const concept = { id: name, name, kind: 'problem', synonyms: [] } as const;
    const mention = { concept, text: name, start, end, tokens: [first, behind] } as const;
    return assertionsOf({ text, tokens, mentions: [mention] }).map(({ traits }) => traits);
  });
}
