/**
 * The items of a QuestionnaireResponse as they are filled in (http://hl7.org/fhir/R4/questionnaireresponse.html): the items
 * of the Questionnaire in their order, repeating groups one after the other. Pure; nothing is changed in place.
 */
import type {
  QuestionnaireItem,
  QuestionnaireItemInitial,
  QuestionnaireResponseItem,
  QuestionnaireResponseItemAnswer,
} from '@medplum/fhirtypes';

export type Answer = QuestionnaireResponseItemAnswer;
export type Items = readonly QuestionnaireResponseItem[];

/** A polymorphic value's elements: `valueString` … */
const valueOf = (initial: QuestionnaireItemInitial): Answer => {
  const { id: _id, extension: _extension, ...value } = initial;
  return value;
};

const initialAnswers = ({ initial, answerOption }: QuestionnaireItem): Answer[] => {
  if (initial !== undefined) return initial.map(valueOf);
  return (answerOption ?? [])
    .filter(({ initialSelected }) => initialSelected === true)
    .map(({ initialSelected: _initial, id: _id, extension: _extension, ...value }) => value);
};

/** A new item for one of the Questionnaire, with what it begins with. */
export function emptyItem(item: QuestionnaireItem): QuestionnaireResponseItem {
  const named = { linkId: item.linkId, ...(item.text !== undefined && { text: item.text }) };
  if (item.type === 'group') return { ...named, item: initialItems(item.item) };
  const answer = initialAnswers(item).map((value) => withChildren(item, value));
  return answer.length === 0 ? named : { ...named, answer };
}

/** Questions under a question stand in its answer. */
export function withChildren(item: QuestionnaireItem, answer: Answer): Answer {
  if (item.item === undefined || answer.item !== undefined) return answer;
  return { ...answer, item: initialItems(item.item) };
}

export const initialItems = (items: readonly QuestionnaireItem[] | undefined): QuestionnaireResponseItem[] =>
  (items ?? []).filter(({ type }) => type !== 'display').map(emptyItem);

/** Those of one item of the Questionnaire: one, or several of a group that repeats. */
export const ofItem = (
  items: Items | undefined,
  { linkId }: QuestionnaireItem,
): QuestionnaireResponseItem[] => (items ?? []).filter((i) => i.linkId === linkId);

/** The siblings with others in the place of those of one item, in the order of the Questionnaire. */
export function replaceItems(
  definitions: readonly QuestionnaireItem[] | undefined,
  siblings: Items | undefined,
  { linkId }: QuestionnaireItem,
  replaced: Items,
): QuestionnaireResponseItem[] {
  const kept = (siblings ?? []).filter((i) => i.linkId !== linkId);
  return (definitions ?? []).flatMap((d) => (d.linkId === linkId ? replaced : ofItem(kept, d)));
}

/** Whether an answer says anything: an empty text does not. */
export const isAnswered = (answer: Answer): boolean =>
  Object.entries(answer).some(
    ([name, value]) =>
      name.startsWith('value') && value !== undefined && !(typeof value === 'string' && value.trim() === ''),
  );

/** The value whatever its type. */
export function plainValue(answer: Answer): unknown {
  return Object.entries(answer).find(([name]) => name.startsWith('value'))?.[1];
}

/**
 * What is sent: without items that say nothing, and without what is empty in them.
 * @param isWanted whether an item counts, by its path of linkIds
 */
export function withoutEmpty(items: Items | undefined): QuestionnaireResponseItem[] {
  return (items ?? []).flatMap((item): QuestionnaireResponseItem[] => {
    const { answer, item: nested, ...rest } = item;
    const answers = (answer ?? []).filter(isAnswered).map(({ item: below, ...value }): Answer => {
      const kept = withoutEmpty(below);
      return kept.length === 0 ? value : { ...value, item: kept };
    });
    const kept = withoutEmpty(nested);
    if (answers.length === 0 && kept.length === 0) return [];
    return [
      { ...rest, ...(answers.length > 0 && { answer: answers }), ...(kept.length > 0 && { item: kept }) },
    ];
  });
}

/** A kept draft put back into the form: what the draft does not have is as at the beginning, but empty. */
export function fromDraft(
  definitions: readonly QuestionnaireItem[] | undefined,
  items: Items | undefined,
): QuestionnaireResponseItem[] {
  return (definitions ?? []).flatMap((definition): QuestionnaireResponseItem[] => {
    if (definition.type === 'display') return [];
    const { linkId, text } = definition;
    const kept = ofItem(items, definition);
    const named = { linkId, ...(text !== undefined && { text }) };
    if (definition.type === 'group')
      return (kept.length === 0 ? [named] : kept).map((one: QuestionnaireResponseItem) => ({
        ...named,
        item: fromDraft(definition.item, one.item),
      }));
    const answers = kept
      .flatMap(({ answer }) => answer ?? [])
      .map((answer) =>
        definition.item === undefined ? answer : { ...answer, item: fromDraft(definition.item, answer.item) },
      );
    return [answers.length === 0 ? named : { ...named, answer: answers }];
  });
}
