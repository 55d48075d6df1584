/** What is missing or wrong in a filled-in form. Pure. */
import type { Extension, QuestionnaireItem, QuestionnaireResponseItem } from '@medplum/fhirtypes';
import { isEnabled, type Scope } from './enable-when.ts';
import { isAnswered, ofItem, plainValue, type Items } from './tree.ts';

export type FaultKind =
  'required' | 'whole' | 'least' | 'most' | 'length' | 'number' | 'url' | 'too-few' | 'too-many';

export interface FormFault {
  /** Where: linkIds and, of several, their numbers, as the fields are named. */
  readonly path: string;
  readonly text: string;
  readonly kind: FaultKind;
  /** The limit. */
  readonly limit?: string;
}

const SD = 'http://hl7.org/fhir/StructureDefinition';

const limitOf = (extension: readonly Extension[] | undefined, name: string): number | string | undefined => {
  const found = extension?.find(({ url }) => url === `${SD}/${name}`);
  return (
    found &&
    (found.valueInteger ?? found.valueDecimal ?? found.valueDate ?? found.valueDateTime ?? found.valueTime)
  );
};

const amountOf = (value: unknown): number | string | undefined =>
  typeof value === 'object' && value !== null
    ? (value as { value?: number }).value
    : (value as number | string);

function valueFault(
  { type, maxLength, extension }: QuestionnaireItem,
  value: unknown,
): Pick<FormFault, 'kind' | 'limit'> | undefined {
  const amount = amountOf(value);
  if (typeof value === 'string' && maxLength !== undefined && value.length > maxLength)
    return { kind: 'length', limit: String(maxLength) };
  if ((type === 'decimal' || type === 'integer') && !Number.isFinite(value)) return { kind: 'number' };
  if (type === 'integer' && !Number.isInteger(value)) return { kind: 'whole' };
  if (type === 'url' && !URL.canParse(String(value))) return { kind: 'url' };
  const [least, most] = [limitOf(extension, 'minValue'), limitOf(extension, 'maxValue')];
  if (least !== undefined && amount !== undefined && amount < least)
    return { kind: 'least', limit: String(least) };
  if (most !== undefined && amount !== undefined && amount > most)
    return { kind: 'most', limit: String(most) };
  return undefined;
}

/** An item's place among its siblings as part of a path. */
export const pathOf = (parent: string, { linkId }: QuestionnaireItem, index: number): string =>
  `${parent}/${linkId}.${index}`;

const saysSomething = (items: Items | undefined): boolean =>
  items?.some((i) => i.answer?.some(isAnswered) === true || saysSomething(i.item)) === true;

/** Of the enabled items. `scope` are the items that count, from here outwards. */
export function faultsOf(
  definitions: readonly QuestionnaireItem[] | undefined,
  items: Items,
  scope: Scope = [items],
  parent = '',
): FormFault[] {
  return (definitions ?? []).flatMap((definition) => {
    if (definition.type === 'display' || !isEnabled(definition, scope)) return [];
    const of = ofItem(items, definition);
    const fault = (index: number, found: Pick<FormFault, 'kind' | 'limit'>): FormFault => ({
      path: pathOf(parent, definition, index),
      text: definition.text ?? definition.linkId,
      ...found,
    });
    const nested = (item: QuestionnaireResponseItem, index: number): FormFault[] => [
      ...faultsOf(
        definition.item,
        item.item ?? [],
        [item.item ?? [], ...scope],
        pathOf(parent, definition, index),
      ),
    ];
    if (definition.type === 'group') {
      const isMissing = definition.required === true && !saysSomething(of);
      // What is missing in it says more than that something is.
      const inside = of.flatMap(nested);
      return isMissing && inside.length === 0 ? [fault(0, { kind: 'required' })] : inside;
    }
    const answers = of.flatMap(({ answer }) => answer ?? []);
    const given = answers.filter(isAnswered);
    if (definition.required === true && given.length === 0) return [fault(0, { kind: 'required' })];
    const few = limitOf(definition.extension, 'questionnaire-minOccurs');
    const many = limitOf(definition.extension, 'questionnaire-maxOccurs');
    if (given.length > 0 && few !== undefined && given.length < Number(few))
      return [fault(0, { kind: 'too-few', limit: String(few) })];
    if (many !== undefined && given.length > Number(many))
      return [fault(0, { kind: 'too-many', limit: String(many) })];
    return answers.flatMap((answer, index) => {
      const found = isAnswered(answer) ? valueFault(definition, plainValue(answer)) : undefined;
      const below = answer.item ?? [];
      return [
        ...(found === undefined ? [] : [fault(index, found)]),
        ...faultsOf(definition.item, below, [below, ...scope], pathOf(parent, definition, index)),
      ];
    });
  });
}
