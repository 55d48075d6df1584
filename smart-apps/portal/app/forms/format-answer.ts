/** An answer in words, and the options of a question. Pure. */
import type { Coding, Questionnaire, QuestionnaireItem, ValueSet } from '@medplum/fhirtypes';
import {
  formatAttachment,
  formatCoding,
  formatDate,
  formatQuantity,
  formatReference,
  formatTime,
} from '@dr-assistant/ui/format';
import type { Words } from '@dr-assistant/ui/i18n';
import type { Answer } from './tree.ts';

export function formatAnswer(answer: Answer, words: Words): string {
  if (answer.valueBoolean !== undefined) return words.t(answer.valueBoolean ? 'boolean.yes' : 'boolean.no');
  if (answer.valueCoding) return formatCoding(answer.valueCoding, words);
  if (answer.valueQuantity) return formatQuantity(answer.valueQuantity, words);
  if (answer.valueAttachment) return formatAttachment(answer.valueAttachment, words);
  if (answer.valueReference) return formatReference(answer.valueReference, words);
  if (answer.valueTime !== undefined) return formatTime(answer.valueTime, words);
  const date = answer.valueDate ?? answer.valueDateTime;
  if (date !== undefined) return formatDate(date, words);
  const number = answer.valueDecimal ?? answer.valueInteger;
  if (number !== undefined)
    return new Intl.NumberFormat(words.language, { maximumFractionDigits: 20 }).format(number);
  return answer.valueString ?? answer.valueUri ?? '';
}

/** The offered answers, whatever their type. */
export const optionsOf = ({ answerOption }: QuestionnaireItem): Answer[] =>
  (answerOption ?? []).map(
    ({ id: _id, extension: _extension, initialSelected: _initial, ...value }) => value,
  );

/** A ValueSet that the Questionnaire brings along: `#name`. */
export const containedSet = ({ contained }: Questionnaire, canonical: string): ValueSet | undefined =>
  canonical.startsWith('#')
    ? contained?.find((r): r is ValueSet => r.resourceType === 'ValueSet' && r.id === canonical.slice(1))
    : undefined;

/** Two answers are one option when their values say the same. */
export const isSameAnswer = (a: Answer, b: Answer): boolean => {
  const key = ({ valueCoding, ...rest }: Answer): string => {
    const { item: _item, ...value } = rest;
    const { system, code, display } = valueCoding ?? {};
    return JSON.stringify(valueCoding === undefined ? value : [system, code ?? display]);
  };
  return key(a) === key(b);
};

export const codingAnswer = (coding: Coding): Answer => ({ valueCoding: coding });

const CONTROL = 'http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl';
export const hasControl = ({ extension }: QuestionnaireItem, code: string): boolean =>
  extension?.some(
    (e) => e.url === CONTROL && e.valueCodeableConcept?.coding?.some((c) => c.code === code),
  ) === true;

const HIDDEN = 'http://hl7.org/fhir/StructureDefinition/questionnaire-hidden';
export const isHidden = ({ extension }: QuestionnaireItem): boolean =>
  extension?.some((e) => e.url === HIDDEN && e.valueBoolean === true) === true;
