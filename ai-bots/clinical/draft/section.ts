/** The sections of the note and their LOINC codes. https://loinc.org/11506-3 */
export type SectionName =
  | 'complaint'
  | 'history'
  | 'past'
  | 'medications'
  | 'allergies'
  | 'social'
  | 'review'
  | 'examination'
  | 'results'
  | 'assessment'
  | 'plan';

/** In the order in which they are written. */
export const SECTIONS: readonly {
  readonly name: SectionName;
  readonly code: string;
  readonly title: string;
}[] = [
  { name: 'complaint', code: '10154-3', title: 'Chief complaint' },
  { name: 'history', code: '10164-2', title: 'History of present illness' },
  { name: 'past', code: '11348-0', title: 'Past history' },
  { name: 'medications', code: '10160-0', title: 'Medications' },
  { name: 'allergies', code: '48765-2', title: 'Allergies' },
  { name: 'social', code: '29762-2', title: 'Social history' },
  { name: 'review', code: '10187-3', title: 'Review of systems' },
  { name: 'examination', code: '29545-1', title: 'Physical exam' },
  { name: 'results', code: '30954-2', title: 'Results' },
  { name: 'assessment', code: '51848-0', title: 'Assessment' },
  { name: 'plan', code: '18776-5', title: 'Plan' },
];

/** Where the sections of MTS-Dialog that stand apart from the history of the illness go. */
export const SECTION_OF_HEADER: Readonly<Record<string, SectionName>> = {
  'FAM/SOCHX': 'social',
  PASTMEDICALHX: 'past',
  PASTSURGICAL: 'past',
  ALLERGY: 'allergies',
  MEDICATIONS: 'medications',
};
