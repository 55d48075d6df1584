/**
 * Calculated answers (http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression) by FHIRPath, which
 * is loaded for the forms that have some.
 */
import type {
  Expression,
  Extension,
  Questionnaire,
  QuestionnaireItem,
  QuestionnaireResponse,
  QuestionnaireResponseItem,
} from '@medplum/fhirtypes';
import { enabledItems } from './enable-when.ts';
import { ofItem, type Answer, type Items } from './tree.ts';

const CALCULATED = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression';
const VARIABLE = 'http://hl7.org/fhir/StructureDefinition/variable';

/** Evaluates an expression on a node of the answers; answers a collection. Throws for what is no FHIRPath. */
export type Evaluate = (
  node: object,
  expression: string,
  environment: Readonly<Record<string, unknown>>,
) => readonly unknown[];

export async function loadEvaluate(): Promise<Evaluate> {
  const [{ default: fhirpath }, { default: model }] = await Promise.all([
    import('fhirpath'),
    import('fhirpath/fhir-context/r4'),
  ]);
  return (node, expression, environment) => {
    return fhirpath.evaluate(node, expression, { ...environment }, model, { async: false }) as unknown[];
  };
}

const expressionOf = (extension: readonly Extension[] | undefined, url: string): Expression[] =>
  (extension ?? []).flatMap((e) =>
    e.url === url && e.valueExpression?.language === 'text/fhirpath' ? [e.valueExpression] : [],
  );

export const isCalculated = ({ extension }: QuestionnaireItem): boolean =>
  expressionOf(extension, CALCULATED).length > 0;

export const hasCalculations = (items: readonly QuestionnaireItem[] | undefined): boolean =>
  items?.some((item) => isCalculated(item) || hasCalculations(item.item)) === true;

/** A result as an answer of the item's type; undefined when it is none. */
export function answerOf({ type }: QuestionnaireItem, value: unknown): Answer | undefined {
  // Dates and times are objects of the library, which print themselves.
  const text = typeof value === 'string' ? value : `${value as string | number | boolean}`;
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean' ? { valueBoolean: value } : undefined;
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value) ? { valueInteger: value } : undefined;
    case 'decimal':
      return typeof value === 'number' && Number.isFinite(value) ? { valueDecimal: value } : undefined;
    case 'date':
      return /^\d{4}(-\d\d){0,2}$/.test(text) ? { valueDate: text } : undefined;
    case 'dateTime':
      return /^\d{4}/.test(text) ? { valueDateTime: text } : undefined;
    case 'time':
      return /^T?\d\d:\d\d/.test(text) ? { valueTime: text.replace(/^T/, '') } : undefined;
    case 'string':
    case 'text':
      return text === '' ? undefined : { valueString: text };
    case 'url':
      return text === '' ? undefined : { valueUri: text };
    case 'quantity':
      if (typeof value === 'number') return { valueQuantity: { value } };
      return typeof value === 'object' && value !== null && 'value' in value
        ? {
            valueQuantity: {
              value: Number(value.value),
              ...('unit' in value && { unit: String(value.unit) }),
            },
          }
        : undefined;
    case 'choice':
    case 'open-choice':
      return typeof value === 'object' && value !== null ? { valueCoding: value } : undefined;
    default:
      return undefined;
  }
}

type Environment = Readonly<Record<string, unknown>>;

function fill(
  definitions: readonly QuestionnaireItem[] | undefined,
  items: Items | undefined,
  compute: (definition: QuestionnaireItem, item: QuestionnaireResponseItem) => Answer[],
): QuestionnaireResponseItem[] {
  return (definitions ?? []).flatMap((definition) =>
    ofItem(items, definition).map((item): QuestionnaireResponseItem => {
      if (isCalculated(definition)) {
        const { answer: _former, ...rest } = item;
        const answer = compute(definition, item);
        return answer.length === 0 ? rest : { ...rest, answer };
      }
      return {
        ...item,
        ...(item.item && { item: fill(definition.item, item.item, compute) }),
        ...(item.answer && {
          answer: item.answer.map((a) =>
            a.item === undefined ? a : { ...a, item: fill(definition.item, a.item, compute) },
          ),
        }),
      };
    }),
  );
}

/** Rounds in which calculations on calculations settle. */
const ROUNDS = 5;

/**
 * The items with what is calculated of them. Only what is asked counts. An expression that fails has no answer: the
 * form can be filled in without it.
 */
export function calculated(
  questionnaire: Questionnaire,
  items: Items,
  evaluate: Evaluate,
): QuestionnaireResponseItem[] {
  let current = [...items];
  for (let round = 0; round < ROUNDS; round++) {
    const resource: QuestionnaireResponse = {
      resourceType: 'QuestionnaireResponse',
      status: 'in-progress',
      item: enabledItems(questionnaire.item, current),
    };
    const attempt = (node: object, expression: string, environment: Environment): readonly unknown[] => {
      try {
        return evaluate(node, expression, environment);
      } catch {
        return [];
      }
    };
    let environment: Environment = { resource, questionnaire };
    for (const { name, expression } of expressionOf(questionnaire.extension, VARIABLE))
      if (name !== undefined && expression !== undefined)
        environment = { ...environment, [name]: attempt(resource, expression, environment) };
    const next = fill(questionnaire.item, current, (definition, item) => {
      const [{ expression } = {}] = expressionOf(definition.extension, CALCULATED);
      const found =
        expression === undefined ? [] : attempt(resource, expression, { ...environment, context: item });
      const answers = found.flatMap((value) => answerOf(definition, value) ?? []);
      return definition.repeats === true ? answers : answers.slice(0, 1);
    });
    if (JSON.stringify(next) === JSON.stringify(current)) return next;
    current = next;
  }
  return current;
}
