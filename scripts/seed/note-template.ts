/** The clinic's templates of notes, by visit type: sections in their order, with standing phrases. */
import type { CodeableConcept, Questionnaire } from '@medplum/fhirtypes';
import { concept } from './coding.ts';

/** Types of Encounters. */
export const visitTypes = {
  consultation: concept('snomed', '11429006', 'Consultation'),
  followUp: concept('snomed', '390906007', 'Follow-up encounter'),
  checkUp: concept('snomed', '185349003', 'Encounter for check up'),
  prenatal: concept('snomed', '424619006', 'Prenatal visit'),
} as const;

const sections = {
  complaint: ['10154-3', 'Chief complaint'],
  history: ['10164-2', 'History of present illness'],
  past: ['11348-0', 'Past history'],
  family: ['10157-6', 'Family history'],
  social: ['29762-2', 'Social history'],
  systems: ['10187-3', 'Review of systems'],
  medications: ['10160-0', 'Medications'],
  examination: ['29545-1', 'Physical exam'],
  results: ['30954-2', 'Results'],
  assessment: ['51848-0', 'Assessment'],
  plan: ['18776-5', 'Plan'],
} as const;

type SectionName = keyof typeof sections;
type Phrases = Partial<Record<SectionName, readonly string[]>>;

function template(
  id: string,
  title: string,
  visitType: CodeableConcept,
  order: readonly SectionName[],
  phrases: Phrases,
): Questionnaire {
  return {
    resourceType: 'Questionnaire',
    id: `demo-note-${id}`,
    url: `https://dr-assistant.example/fhir/Questionnaire/demo-note-${id}`,
    title,
    status: 'active',
    // Portals show forms about patients; this one is for who writes the note.
    subjectType: ['Practitioner'],
    code: [{ system: 'https://dr-assistant.example/fhir/CodeSystem/document-type', code: 'note-template' }],
    useContext: [
      {
        code: { system: 'http://terminology.hl7.org/CodeSystem/usage-context-type', code: 'workflow' },
        valueCodeableConcept: visitType,
      },
    ],
    item: order.map((name) => {
      const [code, text] = sections[name];
      const item = (phrases[name] ?? []).map((phrase, i) => {
        return { linkId: `${name}-${i + 1}`, type: 'display' as const, text: phrase };
      });
      return {
        linkId: name,
        type: 'group' as const,
        code: [{ system: 'http://loinc.org', code }],
        text,
        // A group has items (constraint que-1).
        item: item.length > 0 ? item : [{ linkId: `${name}-0`, type: 'text' as const, text }],
      };
    }),
  };
}

const ACUTE: readonly SectionName[] = ['complaint', 'history', 'medications', 'systems', 'examination', 'assessment', 'plan']; // prettier-ignore

export const noteTemplates = (): Questionnaire[] => [
  template('acute', 'Acute visit', visitTypes.consultation, ACUTE, {
    examination: ['The patient is in no distress.'],
    plan: ['Return if it gets worse or does not get better within a week.', 'Rest and fluids.'],
  }),
  template(
    'follow-up',
    'Follow-up',
    visitTypes.followUp,
    ['history', 'medications', 'results', 'examination', 'assessment', 'plan'],
    {
      medications: ['Medications were reviewed with the patient.'],
      plan: [
        'Continue the present medication.',
        'Follow-up in three months.',
        'Laboratory before the next visit.',
      ],
    },
  ),
  template(
    'check-up',
    'Yearly check-up',
    visitTypes.checkUp,
    [
      'history',
      'past',
      'family',
      'social',
      'medications',
      'systems',
      'examination',
      'results',
      'assessment',
      'plan',
    ],
    {
      social: ['The patient does not smoke.', 'Exercise and diet were discussed.'],
      plan: ['Immunizations are up to date.', 'Next check-up in a year.'],
    },
  ),
  template(
    'prenatal',
    'Prenatal visit',
    visitTypes.prenatal,
    ['history', 'systems', 'examination', 'results', 'assessment', 'plan'],
    { examination: ['Fetal heart tones were heard.'], plan: ['Next prenatal visit in four weeks.'] },
  ),
];
