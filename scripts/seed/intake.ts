/** The clinic's form before a visit, with a score that opens further questions. */
import type { Questionnaire, QuestionnaireItem } from '@medplum/fhirtypes';

const ORDINAL = 'http://hl7.org/fhir/StructureDefinition/ordinalValue';
const CALCULATED = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression';

/** How often, in LOINC's answers to the PHQ-9, each with its score. */
const OFTEN = (
  [
    ['LA6568-5', 'Not at all'],
    ['LA6569-3', 'Several days'],
    ['LA6570-1', 'More than half the days'],
    ['LA6571-9', 'Nearly every day'],
  ] as const
).map(([code, display], score) => ({
  valueCoding: {
    system: 'http://loinc.org',
    code,
    display,
    extension: [{ url: ORDINAL, valueDecimal: score }],
  },
}));

const question = (code: string, text: string): QuestionnaireItem => ({
  linkId: `phq-${code}`,
  code: [{ system: 'http://loinc.org', code }],
  text,
  type: 'choice',
  required: true,
  answerOption: OFTEN,
});

const PHQ_2: readonly QuestionnaireItem[] = [
  question('44250-9', 'Little interest or pleasure in doing things'),
  question('44255-8', 'Feeling down, depressed, or hopeless'),
];

const PHQ_REST: readonly QuestionnaireItem[] = [
  question('44259-0', 'Trouble falling or staying asleep, or sleeping too much'),
  question('44254-1', 'Feeling tired or having little energy'),
  question('44251-7', 'Poor appetite or overeating'),
  question(
    '44258-2',
    'Feeling bad about yourself, or that you are a failure or have let yourself or your family down',
  ),
  question(
    '44252-5',
    'Trouble concentrating on things, such as reading the newspaper or watching television',
  ),
  question(
    '44253-3',
    'Moving or speaking so slowly that other people could have noticed, or being more restless than usual',
  ),
  question('44260-8', 'Thoughts that you would be better off dead, or of hurting yourself'),
];

/** The sum of the scores, once each of the questions has an answer. */
function score(linkId: string, text: string, questions: readonly QuestionnaireItem[]): QuestionnaireItem {
  const names = questions.map((q) => `'${q.linkId}'`).join(' | ');
  const answers = `%resource.descendants().where(linkId in (${names})).answer.value`;
  const sum = `${answers}.extension('${ORDINAL}').value.aggregate($this + $total, 0).toInteger()`;
  return {
    linkId,
    text,
    type: 'integer',
    readOnly: true,
    extension: [
      {
        url: CALCULATED,
        valueExpression: {
          language: 'text/fhirpath',
          expression: `iif(${answers}.count() = ${questions.length}, ${sum}, {})`,
        },
      },
    ],
  };
}

/** Before a visit: how it goes, and the PHQ-2, which opens the rest of the PHQ-9 at 3 points (LOINC 44249-1). */
export const intake = (): Questionnaire => ({
  resourceType: 'Questionnaire',
  id: 'demo-intake',
  url: 'https://dr-assistant.example/fhir/Questionnaire/intake',
  version: '1',
  name: 'Intake',
  title: 'Before your visit',
  description: 'Five minutes that help us to prepare for your visit.',
  status: 'active',
  subjectType: ['Patient'],
  item: [
    {
      linkId: 'visit',
      text: 'Your visit',
      type: 'group',
      item: [
        { linkId: 'reason', text: 'What brings you to us?', type: 'text', required: true, maxLength: 1000 },
        { linkId: 'since', text: 'Since when?', type: 'date' },
        {
          linkId: 'pain',
          text: 'Pain, from 0 (none) to 10 (the worst)',
          type: 'integer',
          extension: [
            { url: 'http://hl7.org/fhir/StructureDefinition/minValue', valueInteger: 0 },
            { url: 'http://hl7.org/fhir/StructureDefinition/maxValue', valueInteger: 10 },
          ],
        },
        {
          linkId: 'medication',
          text: 'Medications that you take without a prescription',
          type: 'string',
          repeats: true,
        },
      ],
    },
    {
      linkId: 'smoking-group',
      text: 'Smoking',
      type: 'group',
      item: [
        { linkId: 'smoking', text: 'Do you smoke?', type: 'boolean', required: true },
        {
          linkId: 'cigarettes',
          text: 'How many cigarettes a day?',
          type: 'integer',
          required: true,
          enableWhen: [{ question: 'smoking', operator: '=', answerBoolean: true }],
          extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/minValue', valueInteger: 0 }],
        },
      ],
    },
    {
      linkId: 'mood',
      text: 'Your mood',
      type: 'group',
      item: [
        {
          linkId: 'mood-how',
          text: 'Over the last two weeks, how often have you been bothered by any of the following problems?',
          type: 'display',
        },
        ...PHQ_2,
        score('phq-2-score', 'Points so far:', PHQ_2),
        {
          linkId: 'phq-rest',
          text: 'More about your mood',
          type: 'group',
          enableWhen: [{ question: 'phq-2-score', operator: '>=', answerInteger: 3 }],
          item: [...PHQ_REST, score('phq-9-score', 'Points in all:', [...PHQ_2, ...PHQ_REST])],
        },
        {
          linkId: 'crisis',
          text: 'If you think of hurting yourself, do not wait for your visit: call the emergency number now.',
          type: 'display',
          enableWhen: [
            {
              question: 'phq-44260-8',
              operator: '!=',
              answerCoding: { system: 'http://loinc.org', code: 'LA6568-5' },
            },
          ],
        },
      ],
    },
  ],
});
