/** An entity of the service as ours: with its segments, and with what the conversation around it makes of it. */
import type { Attribute, Entity, Trait } from '@aws-sdk/client-comprehendmedical';
import { isAllergy } from '../../clinical/extract/allergy.ts';
import { answerOf, isQuestion } from '../../clinical/extract/question.ts';
import type { ClinicalEntity, Segment, TraitName, Transcript } from '../../clinical/types.ts';
import type { Chunk } from './chunk.ts';

/** Below, an entity is in doubt; and so is that something is a diagnosis. What takes away (a negation) counts always. */
const SCORE_MIN = 0.5;
const CATEGORIES: readonly string[] = ['MEDICAL_CONDITION', 'MEDICATION', 'TEST_TREATMENT_PROCEDURE'];
const ASSERTING: readonly string[] = ['DIAGNOSIS', 'SIGN', 'SYMPTOM'];
const TAKING_AWAY: readonly string[] = [
  'NEGATION',
  'HYPOTHETICAL',
  'LOW_CONFIDENCE',
  'PERTAINS_TO_FAMILY',
  'PAST_HISTORY',
];

type Reader = (entity: Entity, chunk: Chunk) => ClinicalEntity | undefined;

/** Undefined: of no category that is used here, outside the text, or asked about without an answer. */
export function createReader({ segments }: Transcript): Reader {
  const places = new Map(segments.map((s, i) => [s.id, i]));
  return (entity, chunk) => {
    const { Category = '', Type = '', Text = '', BeginOffset: begin = -1, EndOffset: end = -1 } = entity;
    const touched = chunk.pieces.filter((p) => p.start < end && begin < p.end);
    const first = touched[0];
    const place = places.get(first?.id ?? '');
    const segment = place === undefined ? undefined : segments[place];
    if (!CATEGORIES.includes(Category) || Text.trim() === '' || first === undefined) return undefined;
    if (place === undefined || segment === undefined) return undefined;
    const around = sentenceAround(
      [...chunk.text].slice(first.start, first.end),
      begin - first.start,
      end - first.start,
    );
    const answered = answer(around, segment, segments[place + 1]);
    if (answered === undefined) return undefined;
    const traits = new Set([...traitsOf(entity), ...answered.traits]);
    const base = {
      attributes: attributesOf(entity.Attributes ?? []),
      concepts: [],
      source: [...new Set([...touched.map((p) => p.id), ...answered.source])],
      saidByClinician: segment.role === 'clinician' && answered.source.length === 0,
    };
    // A drug that the patient does not bear is nothing that the patient takes.
    if (Category === 'MEDICATION' && isAllergy(around.before)) {
      const named = [...traits.add('DIAGNOSIS')].map((name) => ({ name }));
      return {
        ...base,
        text: `allergy to ${Text.trim().toLowerCase()}`,
        category: 'MEDICAL_CONDITION',
        type: 'DX_NAME',
        traits: named,
      };
    }
    const category = Category as ClinicalEntity['category'];
    return {
      ...base,
      text: Text.trim(),
      category,
      type: Type,
      traits: [...traits].map((name) => ({ name })),
    };
  };
}

/** A trait that is not known here may change the meaning: then the entity is in doubt. */
function traitsOf({ Score = 0, Traits = [] }: Entity): TraitName[] {
  const named = Traits.flatMap(({ Name, Score: score = 0 }: Trait): TraitName[] => {
    const name: string = Name ?? '';
    if (ASSERTING.includes(name)) return score >= SCORE_MIN ? [name as TraitName] : [];
    if (TAKING_AWAY.includes(name)) return [name as TraitName];
    return [name === 'FUTURE' ? 'HYPOTHETICAL' : 'LOW_CONFIDENCE'];
  });
  return Score < SCORE_MIN ? [...named, 'LOW_CONFIDENCE'] : named;
}

const attributesOf = (attributes: readonly Attribute[]): ClinicalEntity['attributes'] =>
  attributes.flatMap(({ Type = '', Text = '', RelationshipScore = 1 }) =>
    Text === '' || RelationshipScore < SCORE_MIN
      ? []
      : [{ type: Type === 'TEST_UNITS' ? 'TEST_UNIT' : Type, text: Text }],
  );

interface Around {
  readonly sentence: string;
  /** The words of the sentence before the entity. */
  readonly before: string;
  readonly endsTheTurn: boolean;
}

function sentenceAround(said: readonly string[], begin: number, end: number): Around {
  const before =
    said
      .slice(0, Math.max(0, begin))
      .join('')
      .split(/(?<=[.?!])\s+/)
      .at(-1) ?? '';
  const behind = said.slice(end).join('');
  const rest = /^[^.?!]*[.?!]*/.exec(behind)?.[0] ?? '';
  return {
    sentence: before + said.slice(Math.max(0, begin), end).join('') + rest,
    before,
    endsTheTurn: behind.slice(rest.length).trim() === '',
  };
}

/** A question says nothing by itself; only somebody else's words answer it. */
function answer(
  { sentence, endsTheTurn }: Around,
  segment: Segment,
  next: Segment | undefined,
): { readonly traits: readonly TraitName[]; readonly source: readonly string[] } | undefined {
  if (!isQuestion(sentence)) return { traits: [], source: [] };
  const isReply = next !== undefined && (next.role === undefined || next.role !== segment.role);
  if (segment.role === 'patient' || !endsTheTurn || !isReply) return undefined;
  const said = answerOf(next.text);
  if (said === 'unclear') return undefined;
  return { traits: said === 'no' ? ['NEGATION'] : [], source: [next.id] };
}
