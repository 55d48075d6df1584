/**
 * Problems, symptoms and drugs of primary care as they are spoken of. A line is `name = synonyms | ICD-10-CM`; the code
 * is given only where the words mean exactly that code.
 */
import { DRUGS, PROBLEMS, SYMPTOMS } from './lexicon-data.ts';

export interface Concept {
  readonly name: string;
  readonly kind: 'problem' | 'symptom' | 'drug';
  /** ICD-10-CM with its dot. */
  readonly code?: string;
}

function parse(text: string, kind: Concept['kind']): [string, Concept][] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .flatMap((line): [string, Concept][] => {
      const [words = '', code] = line.split('|').map((part) => part.trim());
      const [name = '', synonyms = ''] = words.split('=').map((part) => part.trim());
      const concept: Concept = { name, kind, ...(code === undefined ? {} : { code }) };
      const forms = [name, ...synonyms.split(',')].map((form) => form.trim().toLowerCase());
      return forms.filter((form) => form !== '').map((form) => [form, concept]);
    });
}

/** Spoken form, in lower case → concept. */
export const LEXICON: ReadonlyMap<string, Concept> = new Map([
  ...parse(SYMPTOMS, 'symptom'),
  ...parse(PROBLEMS, 'problem'),
  ...parse(DRUGS, 'drug'),
]);

const escaped = (form: string): string =>
  form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(' ', '[\\s-]+');

/** The longest form wins; plurals of single words are accepted. */
const MENTION = new RegExp(
  `(?<![\\w-])(?:${[...LEXICON.keys()]
    .sort((a, b) => b.length - a.length)
    .map(escaped)
    .join('|')})(?:s|es)?(?![\\w-])`,
  'gi',
);

export interface Mention {
  readonly concept: Concept;
  /** As it was said. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export function mentionsIn(text: string): Mention[] {
  return [...text.matchAll(MENTION)].flatMap((match): Mention[] => {
    const said = match[0].toLowerCase().replace(/[\s-]+/g, ' ');
    const concept =
      LEXICON.get(said) ??
      LEXICON.get(match[0].toLowerCase()) ??
      LEXICON.get(said.replace(/s$/, '')) ??
      LEXICON.get(said.replace(/es$/, ''));
    return concept === undefined
      ? []
      : [{ concept, text: match[0], start: match.index, end: match.index + match[0].length }];
  });
}
