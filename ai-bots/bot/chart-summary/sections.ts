/** The summary's sections as they are kept: with codes, numbered sentences, and what is missing said as missing. */
import type { Summary } from '../../provider/stages.ts';

export interface Section {
  readonly title: string;
  /** LOINC. */
  readonly code?: string;
  readonly sentences: readonly {
    /** `s1`: the anchor in the narrative and in the JSON. */
    readonly id: string;
    readonly text: string;
    readonly source: readonly string[];
  }[];
}

const CODES: Readonly<Record<string, string>> = {
  Allergies: '48765-2',
  Problems: '11450-4',
  Medications: '10160-0',
  Results: '30954-2',
  'Earlier visits': '46240-8',
  Procedures: '47519-4',
  'Open orders': '18776-5',
};

/** Of these, that nothing is recorded is worth knowing, and is not the same as that there is none. */
const NEEDED = ['Allergies', 'Problems', 'Medications'] as const;
const CATEGORY = { Allergies: 'allergy', Problems: 'problem', Medications: 'medication' } as const;

/** @param recorded of which categories the chart holds facts: a model may put them under other titles */
export function sectionsOf({ sections }: Summary, recorded: ReadonlySet<string>): Section[] {
  let count = 0;
  const written = sections.map(({ title, sentences }): Section => ({
    title,
    ...codeOf(title),
    sentences: sentences.map(({ text, source }) => {
      count += 1;
      return { id: `s${count}`, text, source };
    }),
  }));
  const missing = NEEDED.filter((title) => !recorded.has(CATEGORY[title]));
  return [...written, ...missing.map((title): Section => ({ title, ...codeOf(title), sentences: [] }))];
}

const codeOf = (title: string): { readonly code?: string } => {
  const code = CODES[title];
  return code === undefined ? {} : { code };
};
