/** Any resource as rows of label and text, by the shape of its elements; for pages that show what they do not know. */
import type { Annotation, Quantity } from '@medplum/fhirtypes';
import type { Words } from '../i18n/words.ts';
import {
  formatAnnotation,
  formatAttachment,
  formatCoding,
  formatConcept,
  formatMoney,
  formatReference,
} from './concept.ts';
import { formatDate, formatPeriod } from './date.ts';
import { formatAddress, formatContactPoint, formatHumanName, formatIdentifier } from './person.ts';
import { formatQuantity, formatRange, formatRatio } from './quantity.ts';
import { formatDosage, formatTiming } from './timing.ts';

export interface ResourceRow {
  /** Where it is: `contact[0].name`. */
  readonly path: string;
  /** "Birth date". */
  readonly label: string;
  readonly text?: string;
  /** `Patient/1`, when it refers to a resource of this server. */
  readonly reference?: string;
  /** What an element without a text of its own consists of. */
  readonly rows?: readonly ResourceRow[];
}

type Element = Readonly<Record<string, unknown>>;

/** "valueCodeableConcept" → "Value codeable concept". */
export function elementLabel(name: string): string {
  const spaced = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

const has =
  (...keys: readonly string[]) =>
  (e: Element): boolean =>
    keys.some((key) => key in e);
const isText = (value: unknown): value is string => typeof value === 'string';

/** "&lt;" and tags of a narrative become plain text; it is shown as text, never as HTML. */
const plainText = (div: string): string =>
  div
    .replace(/<(br|\/p|\/div|\/li|\/tr|\/h\d)\b[^>]*>/gi, '\n')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&')
    .replace(/[ \t]+/g, ' ')
    .replace(/\s*\n\s*/g, '\n')
    .trim();

/** The first shape that fits tells the data type; the order matters, since shapes overlap. */
const SHAPES: readonly (readonly [(e: Element) => boolean, (e: Element, words: Words) => string])[] = [
  [has('div'), (e) => plainText(isText(e['div']) ? e['div'] : '')],
  [
    (e) =>
      has('doseAndRate', 'timing', 'asNeededBoolean', 'patientInstruction')(e) &&
      !has('resourceType', 'intent')(e),
    (e, w) => formatDosage(e, w),
  ],
  [has('repeat'), (e, w) => formatTiming(e, w)],
  [has('coding'), (e, w) => formatConcept(e, w)],
  [(e) => has('reference')(e) && isText(e['reference']), (e, w) => formatReference(e, w)],
  [has('currency'), (e, w) => formatMoney(e, w)],
  [has('numerator'), (e, w) => formatRatio(e, w)],
  [(e) => typeof e['value'] === 'number', (e, w) => formatQuantity(e, w)],
  [
    (e) =>
      ['low', 'high'].some((k) => typeof (e[k] as Quantity | undefined)?.value === 'number') &&
      !has('type', 'appliesTo', 'text')(e),
    (e, w) => formatRange(e, w),
  ],
  [has('family', 'given'), (e, w) => formatHumanName(e, w, true)],
  [has('line', 'city', 'postalCode'), (e, w) => formatAddress(e, w)],
  [
    (e) => isText(e['value']) && isText(e['system']) && !e['system'].includes(':'),
    (e, w) => formatContactPoint(e, w),
  ],
  [(e) => isText(e['value']) && has('system', 'type')(e), (e) => formatIdentifier(e)],
  [(e) => isText(e['code']) && has('system', 'display')(e), (e, w) => formatCoding(e, w)],
  [(e) => isText(e['contentType']), (e, w) => formatAttachment(e, w)],
  [
    (e) => has('start', 'end')(e) && Object.keys(e).every((k) => k === 'start' || k === 'end'),
    (e, w) => formatPeriod(e, w),
  ],
  [
    (e) => isText(e['text']) && has('authorString', 'authorReference', 'time')(e),
    (e, w) => formatAnnotation(e as unknown as Annotation, w),
  ],
  [(e) => isText(e['text']) && Object.keys(e).length === 1, (e) => String(e['text'])],
];

const DATE = /^\d{4}(-\d\d(-\d\d(T\d\d:\d\d.*)?)?)?$/;
/** Elements of digits that are no dates: "1950" may be a code. */
const isDateElement = (name: string): boolean =>
  /(date|time|start|end|issued|recorded|authored|lastUpdated|onset|abatement|instant|created)/i.test(name);

function primitiveText(name: string, value: string | number | boolean, words: Words): string {
  if (typeof value === 'boolean') return words.t(value ? 'boolean.yes' : 'boolean.no');
  if (typeof value === 'number')
    return new Intl.NumberFormat(words.language, { maximumFractionDigits: 20 }).format(value);
  return DATE.test(value) && isDateElement(name) ? formatDate(value, words) : value;
}

const LOCAL = /^[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}(\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

/** `{ url, valueX }` → its last name and value. */
const extensionLabel = (url: unknown): string =>
  elementLabel(isText(url) ? (url.split(/[/#]/).at(-1) ?? url) : '');

function rowOf(path: string, name: string, value: unknown, words: Words): ResourceRow {
  const label = elementLabel(name);
  if (typeof value !== 'object' || value === null)
    return { path, label, text: primitiveText(name, value as string | number | boolean, words) };
  const element = value as Element;
  if (/^(modifierE|e)xtension$/.test(name)) {
    const rows = rowsBelow(path, element, words, ['url']);
    const only = rows.length === 1 ? rows[0] : undefined;
    return { ...(only ?? { rows }), path, label: extensionLabel(element['url']) };
  }
  const shape = 'resourceType' in element ? undefined : SHAPES.find(([fits]) => fits(element));
  if (shape === undefined) return { path, label, rows: rowsBelow(path, element, words) };
  const { reference } = element;
  return {
    path,
    label,
    text: shape[1](element, words),
    ...(isText(reference) && LOCAL.test(reference) ? { reference } : {}),
  };
}

function rowsBelow(
  base: string,
  element: Element,
  words: Words,
  left: readonly string[] = [],
): ResourceRow[] {
  return Object.entries(element).flatMap(([name, value]) => {
    // `_birthDate` holds extensions of a primitive.
    if (left.includes(name) || name === 'resourceType') return [];
    const path = base === '' ? name : `${base}.${name}`;
    if (!Array.isArray(value)) return [rowOf(path, name.replace(/^_/, ''), value, words)];
    return value.flatMap((one: unknown, i) =>
      one === null ? [] : [rowOf(`${path}[${i}]`, name.replace(/^_/, ''), one, words)],
    );
  });
}

/** The elements in the order in which the resource has them. */
export const resourceRows = (resource: object, words: Words): ResourceRow[] =>
  rowsBelow('', resource as Element, words);
