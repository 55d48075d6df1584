/** Calculated answers, with the FHIRPath library that the page loads and the form of the demo clinic. */
import { beforeAll, expect, test } from '@jest/globals';
import type { Questionnaire, QuestionnaireItem, QuestionnaireResponseItem } from '@medplum/fhirtypes';
import { intake } from '../../../../scripts/seed/intake.ts';
import { calculated, loadEvaluate, type Evaluate } from '../../app/forms/calculate.ts';
import { enabledItems } from '../../app/forms/enable-when.ts';
import { initialItems, type Items } from '../../app/forms/tree.ts';

let evaluate: Evaluate;
beforeAll(async () => {
  evaluate = await loadEvaluate();
});

const CALCULATED = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression';
const computed = (
  linkId: string,
  type: QuestionnaireItem['type'],
  expression: string,
): QuestionnaireItem => ({
  linkId,
  type,
  extension: [{ url: CALCULATED, valueExpression: { language: 'text/fhirpath', expression } }],
});

/** All items, at whatever depth, with the answers that a function gives. */
const withAnswers = (
  items: Items,
  definitions: readonly QuestionnaireItem[],
  score: (linkId: string) => number | undefined,
): QuestionnaireResponseItem[] =>
  items.map((item): QuestionnaireResponseItem => {
    const definition = definitions.find(({ linkId }) => linkId === item.linkId);
    const option = definition?.answerOption?.[score(item.linkId) ?? -1];
    return {
      ...item,
      ...(option?.valueCoding && { answer: [{ valueCoding: option.valueCoding }] }),
      ...(item.item && { item: withAnswers(item.item, definition?.item ?? [], score) }),
    };
  });

function* all(items: Items): Generator<QuestionnaireResponseItem> {
  for (const item of items) {
    yield item;
    yield* all(item.item ?? []);
  }
}

const valueOf = (items: Items, linkId: string): unknown =>
  [...all(items)].find((item) => item.linkId === linkId)?.answer?.[0]?.valueInteger;

test('The score of the PHQ-2 is there once both are answered; from 3 points on it opens the rest, whose sum is of all nine.', () => {
  const form = intake();
  const filled = (scores: (linkId: string) => number | undefined): QuestionnaireResponseItem[] =>
    enabledItems(
      form.item,
      calculated(form, withAnswers(initialItems(form.item), form.item ?? [], scores), evaluate),
    );
  const first = 'phq-44250-9';
  const half = filled((linkId) => (linkId === first ? 2 : undefined));
  expect(valueOf(half, 'phq-2-score')).toBeUndefined();
  const two = filled((linkId) => (linkId === first ? 2 : linkId === 'phq-44255-8' ? 0 : 3));
  expect(valueOf(two, 'phq-2-score')).toBe(2);
  expect([...all(two)].some(({ linkId }) => linkId === 'phq-rest')).toBe(false);
  const nine = filled(() => 2);
  expect([valueOf(nine, 'phq-2-score'), valueOf(nine, 'phq-9-score')]).toEqual([4, 18]);
});

test('What depends on what is calculated follows; variables are known; a fault in an expression is no answer.', () => {
  const form: Questionnaire = {
    resourceType: 'Questionnaire',
    status: 'active',
    extension: [
      {
        url: 'http://hl7.org/fhir/StructureDefinition/variable',
        valueExpression: {
          name: 'metres',
          language: 'text/fhirpath',
          expression: "%resource.item.where(linkId='height').answer.value / 100",
        },
      },
    ],
    item: [
      computed(
        'words',
        'string',
        "iif(%resource.item.where(linkId='bmi').answer.value > 25, 'above', 'below')",
      ),
      computed(
        'bmi',
        'decimal',
        "(%resource.item.where(linkId='weight').answer.value / (%metres * %metres)).round(1)",
      ),
      computed('broken', 'integer', 'this is ( no FHIRPath'),
      computed('unfit', 'integer', "'text'"),
      { linkId: 'weight', type: 'decimal' },
      { linkId: 'height', type: 'decimal' },
    ],
  };
  const items: Items = [
    ...['words', 'bmi', 'broken', 'unfit'].map((linkId) => ({ linkId })),
    { linkId: 'weight', answer: [{ valueDecimal: 81 }] },
    { linkId: 'height', answer: [{ valueDecimal: 180 }] },
  ];
  expect(calculated(form, items, evaluate).slice(0, 4)).toEqual([
    { linkId: 'words', answer: [{ valueString: 'below' }] },
    { linkId: 'bmi', answer: [{ valueDecimal: 25 }] },
    { linkId: 'broken' },
    { linkId: 'unfit' },
  ]);
});
