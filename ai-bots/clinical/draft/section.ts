/** The sections of the note and their LOINC codes. https://loinc.org/11506-3 */
export type SectionName = 'subjective' | 'objective' | 'assessment' | 'plan';

export const SECTIONS: readonly {
  readonly name: SectionName;
  readonly code: string;
  readonly title: string;
}[] = [
  { name: 'subjective', code: '61150-9', title: 'Subjective' },
  { name: 'objective', code: '61149-1', title: 'Objective' },
  { name: 'assessment', code: '51848-0', title: 'Assessment' },
  { name: 'plan', code: '18776-5', title: 'Plan' },
];
