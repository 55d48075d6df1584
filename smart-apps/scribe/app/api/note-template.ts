/**
 * Templates of notes by visit type. A template is a Questionnaire about how a Practitioner writes: a group for each section
 * with its LOINC code, and the clinic's standing phrases as displays in it; `useContext` names the visit types it is for.
 */
import type { Coding, Encounter, Questionnaire } from '@medplum/fhirtypes';
import { searchAll, typed } from './batch.ts';
import type { NoteSection } from './note-draft.ts';

const SYSTEM = 'https://dr-assistant.example/fhir/CodeSystem/document-type';

/** The search parameter `code` is about the codes of items, not about this one. */
const isTemplate = ({ code }: Questionnaire): boolean =>
  code?.some((c) => c.system === SYSTEM && c.code === 'note-template') === true;

export interface NoteTemplate {
  readonly id: string;
  readonly title: string;
  /** The types of Encounters that it is for. */
  readonly visitTypes: readonly Coding[];
  readonly sections: readonly TemplateSection[];
}

export interface TemplateSection {
  /** LOINC. */
  readonly code: string;
  readonly title: string;
  readonly phrases: readonly string[];
}

export interface Templates {
  readonly all: readonly NoteTemplate[];
  /** The one that is for this visit's type. */
  readonly own: NoteTemplate | undefined;
}

function templateOf({ id = '', title, name, useContext, item }: Questionnaire): NoteTemplate {
  return {
    id,
    title: title ?? name ?? id,
    visitTypes: (useContext ?? []).flatMap(({ valueCodeableConcept }) => valueCodeableConcept?.coding ?? []),
    sections: (item ?? []).flatMap((group) => {
      const code = group.code?.[0]?.code;
      if (group.type !== 'group' || code === undefined) return [];
      const phrases = (group.item ?? []).flatMap(({ type, text }) =>
        type === 'display' ? (text ?? []) : [],
      );
      return { code, title: group.text ?? code, phrases };
    }),
  };
}

const isOfType = (template: NoteTemplate, encounter: Encounter | undefined): boolean =>
  encounter?.type?.some(({ coding }) =>
    coding?.some((c) => template.visitTypes.some((t) => t.code === c.code && t.system === c.system)),
  ) === true;

/** Throws ApiError. @param encounter of the note: `Encounter/1` */
export async function loadTemplates(encounter: string | undefined, signal: AbortSignal): Promise<Templates> {
  const id = encounter?.split('/').at(-1) ?? '';
  const searches: Record<string, string> = {
    templates: 'Questionnaire?subject-type=Practitioner&status=active&_sort=title&_count=100',
  };
  if (id !== '') searches['visit'] = `Encounter?_id=${encodeURIComponent(id)}`;
  const found = await searchAll(searches, signal);
  const all = typed<Questionnaire>(found['templates'], 'Questionnaire').filter(isTemplate).map(templateOf);
  const [visit] = typed<Encounter>(found['visit'], 'Encounter');
  return { all, own: all.find((template) => isOfType(template, visit)) };
}

/** The sections of the template in its order, with what the note has of them, and then the others of the note. */
export function arranged(
  sections: readonly NoteSection[],
  template: NoteTemplate | undefined,
): readonly NoteSection[] {
  if (template === undefined) return sections;
  const wanted = template.sections.map(({ code, title }): NoteSection => ({
    code,
    title,
    sentences: sections.find((section) => section.code === code)?.sentences ?? [],
  }));
  const known = new Set(wanted.map(({ code }) => code));
  return [...wanted, ...sections.filter(({ code, sentences }) => !known.has(code) && sentences.length > 0)];
}

/** Of a section, what is not in the note yet. */
export const phrasesLeft = (
  template: NoteTemplate | undefined,
  { code, sentences }: NoteSection,
): readonly string[] =>
  template?.sections
    .find((section) => section.code === code)
    ?.phrases.filter((phrase) => !sentences.some(({ text }) => text === phrase)) ?? [];
