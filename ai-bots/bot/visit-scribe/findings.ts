/** Which extracted entities become proposals, and of what kind: in doubt none. */
import type { Coding } from '@medplum/fhirtypes';
import type { ClinicalEntity, Trait } from './clinical.ts';
import type { Finding } from './draft/draft.ts';
import { vitalFinding } from './vital-sign.ts';

/** What is denied, only supposed or doubtful is nobody's finding. */
const EXCLUDED: readonly Trait[] = ['NEGATION', 'HYPOTHETICAL', 'LOW_CONFIDENCE'];
const DOSAGE_ORDER = ['DOSAGE', 'STRENGTH', 'FORM', 'ROUTE_OR_MODE', 'FREQUENCY', 'DURATION'];
const ROLE_CODE = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode';

/** https://terminology.hl7.org/CodeSystem-v3-RoleCode.html, by the words that people say. */
const RELATIVES: readonly (readonly [words: RegExp, code: string, display: string])[] = [
  [/grandm|grandmother/i, 'GRMTH', 'grandmother'],
  [/grandf|grandpa|grandfather/i, 'GRFTH', 'grandfather'],
  [/mother|mom|mum/i, 'MTH', 'mother'],
  [/father|dad/i, 'FTH', 'father'],
  [/sister/i, 'SIS', 'sister'],
  [/brother/i, 'BRO', 'brother'],
  [/daughter/i, 'DAUC', 'daughter'],
  [/son\b/i, 'SONC', 'son'],
  [/aunt/i, 'AUNT', 'aunt'],
  [/uncle/i, 'UNCLE', 'uncle'],
  [/cousin/i, 'COUSN', 'cousin'],
];

/** A symptom without place or cause is no entry for a list of problems; the note has it. */
const UNSPECIFIC: ReadonlySet<string> = new Set([
  'pain',
  'swelling',
  'tenderness',
  'inflammation',
  'burning sensation',
  'drainage',
  'bleeding',
  'lump',
  'nodule',
  'infection',
  'tumor',
  'wound',
  'fluid buildup',
  'fracture',
  'sprain',
]);

export function toFindings(entities: readonly ClinicalEntity[]): Finding[] {
  return entities.flatMap((entity) => toFinding(entity) ?? []);
}

function toFinding(entity: ClinicalEntity): Finding | undefined {
  if (EXCLUDED.some((trait) => has(entity, trait))) return undefined;
  const family = has(entity, 'PERTAINS_TO_FAMILY');
  const { text, source } = entity;
  if (entity.category === 'MEDICAL_CONDITION') {
    if (family)
      return { kind: 'family', text, relationship: relationship(entity), source, ...codingOf(entity) };
    if (UNSPECIFIC.has(text) && entity.concepts.length === 0) return undefined;
    const diagnosed = entity.saidByClinician && has(entity, 'DIAGNOSIS');
    const isPast = has(entity, 'PAST_HISTORY');
    return { kind: 'condition', text, diagnosed, isPast, source, ...codingOf(entity) };
  }
  // What a relative takes or had measured is not recorded at all.
  if (family) return undefined;
  if (entity.category === 'MEDICATION')
    return { kind: 'medication', text, source, ...dosageOf(entity), ...codingOf(entity) };
  return vitalFinding(entity);
}

const has = (entity: ClinicalEntity, trait: Trait): boolean => entity.traits.some((t) => t.name === trait);

function codingOf(entity: ClinicalEntity): { coding?: Coding } {
  const concept = entity.concepts[0];
  return concept === undefined ? {} : { coding: { ...concept } };
}

function dosageOf(entity: ClinicalEntity): { dosage?: string } {
  const texts = DOSAGE_ORDER.flatMap((type) =>
    entity.attributes.filter((a) => a.type === type).map((a) => a.text),
  );
  return texts.length === 0 ? {} : { dosage: texts.join(' ') };
}

function relationship(entity: ClinicalEntity): Coding {
  const said = entity.attributes.find((a) => a.type === 'FAMILY_MEMBER')?.text ?? '';
  const [, code, display] = RELATIVES.find(([words]) => words.test(said)) ?? [];
  return { system: ROLE_CODE, code: code ?? 'FAMMEMB', display: display ?? 'family member' };
}
