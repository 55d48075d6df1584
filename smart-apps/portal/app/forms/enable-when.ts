/** Skip logic (http://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen). Pure. */
import type {
  Coding,
  Quantity,
  QuestionnaireItem,
  QuestionnaireItemEnableWhen,
  QuestionnaireResponseItem,
} from '@medplum/fhirtypes';
import { isAnswered, ofItem, plainValue, type Answer, type Items } from './tree.ts';

/** The siblings on each level from the item outwards. */
export type Scope = readonly Items[];

function* below(items: Items): Generator<QuestionnaireResponseItem> {
  for (const item of items) {
    yield item;
    yield* below(item.item ?? []);
    for (const answer of item.answer ?? []) yield* below(answer.item ?? []);
  }
}

/** Answers of the nearest question of that name: on the own level and below it, otherwise further out. */
function answersTo(linkId: string, scope: Scope): Answer[] {
  for (const level of scope) {
    const found = [...below(level)].filter((item) => item.linkId === linkId);
    if (found.length > 0) return found.flatMap(({ answer }) => answer ?? []).filter(isAnswered);
  }
  return [];
}

const asDate = (text: string): number =>
  Date.parse(/^\d{4}(-\d\d)?$/.test(text) ? `${text}-01`.slice(0, 10) : text);

/** Negative, zero, positive; undefined when the two cannot be compared. */
function compare(a: unknown, b: unknown, type: 'date' | 'other'): number | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (typeof a === 'string' && typeof b === 'string') {
    if (type === 'date') return asDate(a) - asDate(b);
    return a < b ? -1 : a > b ? 1 : 0;
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return undefined;
  const [x, y] = [
    a as Quantity & Coding & { reference?: string },
    b as Quantity & Coding & { reference?: string },
  ];
  if (x.value !== undefined && y.value !== undefined)
    return (x.code ?? x.unit) === (y.code ?? y.unit) ? x.value - y.value : undefined;
  if (x.reference !== undefined || y.reference !== undefined)
    return x.reference === y.reference ? 0 : undefined;
  const isSame =
    x.code !== undefined || y.code !== undefined
      ? x.code === y.code && (x.system === y.system || y.system === undefined)
      : x.display === y.display;
  return isSame ? 0 : undefined;
}

/** The expected value, `answerBoolean` … `answerReference`. */
const expected = (when: QuestionnaireItemEnableWhen): [string, unknown] | undefined =>
  Object.entries(when).find(([name]) => name.startsWith('answer')) as [string, unknown] | undefined;

function holds(when: QuestionnaireItemEnableWhen, scope: Scope): boolean {
  const answers = answersTo(when.question, scope);
  const [name = '', value] = expected(when) ?? [];
  if (when.operator === 'exists') return answers.length > 0 === (value === true);
  const type = name === 'answerDate' || name === 'answerDateTime' ? 'date' : 'other';
  const orders = answers.map((answer) => compare(plainValue(answer), value, type));
  const some = (test: (order: number) => boolean): boolean => orders.some((o) => o !== undefined && test(o));
  switch (when.operator) {
    case '=':
      return some((o) => o === 0);
    case '!=':
      // No answer is equal; without any there is nothing to differ.
      return answers.length > 0 && !some((o) => o === 0);
    case '>':
      return some((o) => o > 0);
    case '<':
      return some((o) => o < 0);
    case '>=':
      return some((o) => o >= 0);
    case '<=':
      return some((o) => o <= 0);
    default:
      return false;
  }
}

/** An item without conditions is always there. */
export function isEnabled({ enableWhen, enableBehavior }: QuestionnaireItem, scope: Scope): boolean {
  if (enableWhen === undefined || enableWhen.length === 0) return true;
  return enableBehavior === 'all'
    ? enableWhen.every((when) => holds(when, scope))
    : enableWhen.some((when) => holds(when, scope));
}

/** One pass: what is not enabled by `seen`, the items of the same form as they count so far, is left out. */
function prune(
  definitions: readonly QuestionnaireItem[] | undefined,
  items: Items | undefined,
  seen: Scope,
): QuestionnaireResponseItem[] {
  return (definitions ?? []).flatMap((definition) => {
    if (!isEnabled(definition, seen)) return [];
    return ofItem(items, definition).map((item, i) => {
      const counted = seen[0]?.filter(({ linkId }) => linkId === definition.linkId)[i];
      const inside = (nested: Items | undefined, level: Items | undefined): QuestionnaireResponseItem[] =>
        prune(definition.item, nested, [level ?? [], ...seen]);
      return {
        ...item,
        ...(item.item && { item: inside(item.item, counted?.item) }),
        ...(item.answer && {
          answer: item.answer.map((answer, n) =>
            answer.item === undefined
              ? answer
              : { ...answer, item: inside(answer.item, counted?.answer?.[n]?.item) },
          ),
        }),
      };
    });
  });
}

/** Rounds in which conditions on conditions settle. */
const ROUNDS = 10;

/** The items that count: an answer to a question that is not asked opens no other one. */
export function enabledItems(
  definitions: readonly QuestionnaireItem[] | undefined,
  items: Items,
): QuestionnaireResponseItem[] {
  let seen: Items = items;
  for (let round = 0; round < ROUNDS; round++) {
    const next = prune(definitions, items, [seen]);
    if (JSON.stringify(next) === JSON.stringify(seen)) return next;
    seen = next;
  }
  return [...seen];
}
