/** The extract stage by a chat model: conditions, medications and vital signs with what is asserted of them. No codes. */
import type { ClinicalEntity, Transcript } from '../../clinical/index.ts';
import type { ExtractProvider } from '../stages.ts';
import { describe, saysNothing, segmentsOf, type ChatModel } from './chat-provider.ts';
import { createForm, fillIn, list, object } from './form.ts';
import { sourcesIn } from './source.ts';

const TYPES = {
  DX_NAME: 'MEDICAL_CONDITION',
  GENERIC_NAME: 'MEDICATION',
  BRAND_NAME: 'MEDICATION',
  TEST_NAME: 'TEST_TREATMENT_PROCEDURE',
} as const;
const TRAITS = [
  'NEGATION',
  'HYPOTHETICAL',
  'LOW_CONFIDENCE',
  'PERTAINS_TO_FAMILY',
  'PAST_HISTORY',
  'DIAGNOSIS',
  'SIGN',
  'SYMPTOM',
] as const;
const ATTRIBUTES = [
  'DOSAGE',
  'STRENGTH',
  'FORM',
  'ROUTE_OR_MODE',
  'FREQUENCY',
  'DURATION',
  'TEST_VALUE',
  'TEST_UNIT',
  'FAMILY_MEMBER',
] as const;

interface Entity {
  readonly text: string;
  readonly type: keyof typeof TYPES;
  readonly traits: readonly (typeof TRAITS)[number][];
  readonly attributes: readonly { readonly type: string; readonly text: string }[];
  readonly segments: readonly string[];
}

const form = createForm<{ readonly entities: readonly Entity[] }>(
  'entities',
  object({
    entities: list(
      object({
        text: { type: 'string' },
        type: { type: 'string', enum: Object.keys(TYPES) },
        traits: list({ type: 'string', enum: TRAITS }),
        attributes: list(object({ type: { type: 'string', enum: ATTRIBUTES }, text: { type: 'string' } })),
        segments: list({ type: 'string' }),
      }),
    ),
  }),
);

const task = `You list what the transcript of a medical visit mentions, in the order in which it is said: conditions and symptoms (DX_NAME), medications (GENERIC_NAME, BRAND_NAME), and vital signs that are said with their value (TEST_NAME, e.g. "blood pressure" with TEST_VALUE "130/85", or "temperature" with TEST_UNIT).
text: the shortest usual name of it, in lower case, as it was said where possible. An allergy is a DX_NAME like "allergy to penicillin", and the drug in it is not listed as a medication.
traits: NEGATION for what is denied or ruled out; HYPOTHETICAL for what is only feared, asked about, possible or planned; LOW_CONFIDENCE when in doubt; PERTAINS_TO_FAMILY for what a relative has, with FAMILY_MEMBER; PAST_HISTORY for what is over; DIAGNOSIS for a diagnosis, SYMPTOM for what the patient feels, SIGN for what was found.
attributes: the words that were said, never your own.
A question alone says nothing: what it asks about counts with its answer, and then both segments are named. Leave out what was asked and not answered.
segments: the ids of all the segments that say it.`;

export function chatExtractProvider(chat: ChatModel): ExtractProvider {
  return {
    ...describe(chat, task, form.schema),
    refusal: ({ transcript }) => saysNothing(transcript),
    async run({ transcript }, signal) {
      const data = { segments: segmentsOf(transcript) };
      const answer = await fillIn(chat.endpoint, { model: chat.model, task, data, form }, signal);
      const { usage } = answer;
      const sources = sourcesIn(
        transcript.segments.map((s) => s.id),
        chat.endpoint.name,
        usage,
      );
      const named = answer.form.entities.filter((entity) => entity.text.trim() !== '');
      return { output: named.map((entity) => toEntity(entity, sources, transcript)), usage };
    },
  };
}

function toEntity(
  { text, type, traits, attributes, segments }: Entity,
  sources: (named: readonly string[]) => readonly string[],
  transcript: Transcript,
): ClinicalEntity {
  const source = sources(segments);
  return {
    text: text.trim(),
    category: TYPES[type],
    type,
    traits: [...new Set(traits)].map((name) => ({ name })),
    attributes,
    concepts: [],
    source,
    saidByClinician: transcript.segments
      .filter((s) => source.includes(s.id))
      .every((s) => s.role === 'clinician'),
  };
}
