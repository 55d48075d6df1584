/** Entities for tests, and what is said about them in short. */
import type { ClinicalEntity } from '../../clinical/index.ts';

/** A problem that the patient spoke of in the first segment, unless `part` says otherwise. */
export const entity = (text: string, part: Partial<ClinicalEntity> = {}): ClinicalEntity => ({
  text,
  category: 'MEDICAL_CONDITION',
  type: 'DX_NAME',
  traits: [],
  attributes: [],
  concepts: [],
  source: ['c1'],
  saidByClinician: false,
  ...part,
});

const MARKS: Readonly<Record<string, string>> = {
  NEGATION: '-',
  HYPOTHETICAL: '?',
  PERTAINS_TO_FAMILY: 'f',
  PAST_HISTORY: 'p',
};

/** The text with its marks and more: `fever -` denied, `?` supposed, `f` family, `p` past. */
export const inShort = ({ text, traits }: ClinicalEntity, ...more: readonly string[]): string =>
  [text, traits.flatMap((t) => MARKS[t.name] ?? []).join(''), ...more]
    .filter((part) => part !== '')
    .join(' ');
