/** Skip logic: each operator, conditions together, on other conditions, and in groups that repeat. */
import { describe, expect, test } from '@jest/globals';
import type { QuestionnaireItem, QuestionnaireItemEnableWhen } from '@medplum/fhirtypes';
import { faultsOf } from '../../app/forms/check.ts';
import { enabledItems, isEnabled } from '../../app/forms/enable-when.ts';
import type { Answer, Items } from '../../app/forms/tree.ts';

const asked = (
  enableWhen: readonly Partial<QuestionnaireItemEnableWhen>[],
  more: Partial<QuestionnaireItem> = {},
): QuestionnaireItem => ({
  linkId: 'then',
  type: 'string',
  enableWhen: enableWhen.map((w) => ({ question: 'q', operator: '=', ...w })),
  ...more,
});

const answered = (...answer: Answer[]): Items => [{ linkId: 'q', ...(answer.length > 0 && { answer }) }];

const yes = { system: 'http://example.org', code: 'y' };

describe('A condition', () => {
  test.each<[string, Partial<QuestionnaireItemEnableWhen>, Answer[], boolean]>([
    ['exists, with an answer', { operator: 'exists', answerBoolean: true }, [{ valueInteger: 0 }], true],
    ['exists, without', { operator: 'exists', answerBoolean: true }, [], false],
    [
      'exists, with an empty text',
      { operator: 'exists', answerBoolean: true },
      [{ valueString: ' ' }],
      false,
    ],
    ['does not exist', { operator: 'exists', answerBoolean: false }, [], true],
    ['= of a truth', { answerBoolean: false }, [{ valueBoolean: false }], true],
    ['= of a code', { answerCoding: yes }, [{ valueCoding: { ...yes, display: 'Yes' } }], true],
    [
      '= of a code of another system',
      { answerCoding: yes },
      [{ valueCoding: { code: 'y', system: 'x:y' } }],
      false,
    ],
    ['= of one of several', { answerInteger: 2 }, [{ valueInteger: 1 }, { valueInteger: 2 }], true],
    [
      '!= of one of several',
      { operator: '!=', answerInteger: 2 },
      [{ valueInteger: 1 }, { valueInteger: 2 }],
      false,
    ],
    ['!= without an answer', { operator: '!=', answerInteger: 2 }, [], false],
    ['>= at the limit', { operator: '>=', answerInteger: 3 }, [{ valueInteger: 3 }], true],
    ['> at the limit', { operator: '>', answerDecimal: 3 }, [{ valueDecimal: 3 }], false],
    ['< of dates', { operator: '<', answerDate: '2026-02-01' }, [{ valueDate: '2026-01-31' }], true],
    ['<= of times', { operator: '<=', answerTime: '08:00:00' }, [{ valueTime: '08:00:01' }], false],
    [
      '> of quantities of one unit',
      { operator: '>', answerQuantity: { value: 38, code: 'Cel' } },
      [{ valueQuantity: { value: 39, code: 'Cel' } }],
      true,
    ],
    [
      '> of quantities of two units, which cannot be compared',
      { operator: '>', answerQuantity: { value: 38, code: 'Cel' } },
      [{ valueQuantity: { value: 99, code: '[degF]' } }],
      false,
    ],
  ])('%s', (_title, when, answers, expected) => {
    expect(isEnabled(asked([when]), [answered(...answers)])).toBe(expected);
  });

  test('of several is enough, unless all are asked for.', () => {
    const both = [{ answerInteger: 1 }, { answerInteger: 2 }];
    const scope = [answered({ valueInteger: 1 })];
    expect(isEnabled(asked(both), scope)).toBe(true);
    expect(isEnabled(asked(both, { enableBehavior: 'any' }), scope)).toBe(true);
    expect(isEnabled(asked(both, { enableBehavior: 'all' }), scope)).toBe(false);
  });
});

test('An answer to a question that is not asked opens no other one, and is not missing.', () => {
  const definitions: QuestionnaireItem[] = [
    { linkId: 'q', type: 'boolean' },
    { ...asked([{ answerBoolean: true }]), linkId: 'second', required: true },
    {
      ...asked([{ question: 'second', operator: 'exists', answerBoolean: true }]),
      linkId: 'third',
      required: true,
    },
  ];
  const items: Items = [
    { linkId: 'q', answer: [{ valueBoolean: false }] },
    { linkId: 'second', answer: [{ valueString: 'left over' }] },
    { linkId: 'third' },
  ];
  const counted = enabledItems(definitions, items);
  expect(counted.map(({ linkId }) => linkId)).toEqual(['q']);
  expect(faultsOf(definitions, counted)).toEqual([]);
  const open = enabledItems(definitions, [
    { linkId: 'q', answer: [{ valueBoolean: true }] },
    ...items.slice(1),
  ]);
  expect(open.map(({ linkId }) => linkId)).toEqual(['q', 'second', 'third']);
  expect(faultsOf(definitions, open)).toMatchObject([{ path: '/third.0', kind: 'required' }]);
});

test('In a group that repeats, the question of the same repetition is meant.', () => {
  const group: QuestionnaireItem = {
    linkId: 'child',
    type: 'group',
    repeats: true,
    item: [{ linkId: 'q', type: 'boolean' }, asked([{ answerBoolean: true }])],
  };
  const one = (value: boolean) => ({
    linkId: 'child',
    item: [
      { linkId: 'q', answer: [{ valueBoolean: value }] },
      { linkId: 'then', answer: [{ valueString: 'why' }] },
    ],
  });
  const counted = enabledItems([group], [one(true), one(false)]);
  expect(counted.map(({ item }) => item?.map(({ linkId }) => linkId))).toEqual([['q', 'then'], ['q']]);
});
