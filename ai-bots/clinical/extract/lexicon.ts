/**
 * Problems, symptoms, drugs, procedures and substances of primary care as they are spoken of, from `lexicon/*.tsv`:
 * `id, name, synonyms, codes`. A code is given only where the words mean exactly that code.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PhraseTree } from './phrase-tree.ts';
import { tokensOf, type Token } from './tokens.ts';

export type ConceptKind = 'problem' | 'symptom' | 'drug' | 'procedure' | 'substance';

export interface Concept {
  readonly id: string;
  readonly name: string;
  readonly kind: ConceptKind;
  readonly synonyms: readonly string[];
  /** ICD-10-CM with its dot. */
  readonly code?: string;
  readonly rxnorm?: string;
  /** ICD-10-CM of an allergy to it. */
  readonly allergyCode?: string;
}

const FILES: readonly (readonly [file: string, kind: ConceptKind])[] = [
  ['problems', 'problem'],
  ['symptoms', 'symptom'],
  ['medications', 'drug'],
  ['procedures', 'procedure'],
  ['substances', 'substance'],
];

function read(file: string, kind: ConceptKind): Concept[] {
  const lines = readFileSync(join(import.meta.dirname, 'lexicon', `${file}.tsv`), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.slice(1).map((line) => {
    const [id = '', name = '', synonyms = '', codes = ''] = line.split('\t');
    const code = (system: string): string | undefined =>
      new RegExp(`(?:^| )${system}:(\\S+)`).exec(codes)?.[1];
    const [icd, rxnorm, allergy] = [code('icd10cm'), code('rxnorm'), code('allergy')];
    return {
      id,
      name,
      kind,
      synonyms: synonyms === '' ? [] : synonyms.split('; '),
      ...(icd === undefined ? {} : { code: icd }),
      ...(rxnorm === undefined ? {} : { rxnorm }),
      ...(allergy === undefined ? {} : { allergyCode: allergy }),
    };
  });
}

export const CONCEPTS: readonly Concept[] = FILES.flatMap(([file, kind]) => read(file, kind));

/** Phrases that hold a word of the lexicon and mean something else: "nervous system". */
const OTHER_MEANINGS = readFileSync(join(import.meta.dirname, 'lexicon/other-meanings.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

function treeOf(isWanted: (kind: ConceptKind) => boolean): PhraseTree<Concept | 'other'> {
  const tree = new PhraseTree<Concept | 'other'>('stem');
  for (const concept of CONCEPTS.filter(({ kind }) => isWanted(kind)))
    for (const form of [concept.name, ...concept.synonyms]) tree.add(form, concept);
  for (const phrase of OTHER_MEANINGS) tree.add(phrase, 'other');
  return tree;
}

const CLINICAL = treeOf((kind) => kind !== 'substance');
/** Substances matter only as what somebody is allergic to: elsewhere "fish" and "cats" are just words. */
const SUBSTANCES = treeOf((kind) => kind === 'substance');

export interface Mention {
  readonly concept: Concept;
  /** As it was said. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Indices of the first token and of the one behind the last. */
  readonly tokens: readonly [first: number, behind: number];
}

/** The longest form wins; what was found does not overlap. */
export const mentionsIn = (text: string): Mention[] => mentionsAmong(tokensOf(text), text);

export const mentionsAmong = (tokens: readonly Token[], text: string): Mention[] =>
  found(CLINICAL, tokens, text);

export const substancesAmong = (tokens: readonly Token[], text: string): Mention[] =>
  found(SUBSTANCES, tokens, text);

function found(tree: PhraseTree<Concept | 'other'>, tokens: readonly Token[], text: string): Mention[] {
  const mentions: Mention[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const match = tree.longestAt(tokens, i, text);
    const [first, last] = [tokens[i], match === undefined ? undefined : tokens[match.end - 1]];
    if (match === undefined || first === undefined || last === undefined) continue;
    if (match.value !== 'other')
      mentions.push({
        concept: match.value,
        text: text.slice(first.start, last.end),
        start: first.start,
        end: last.end,
        tokens: [i, match.end],
      });
    i = match.end - 1;
  }
  return mentions;
}
