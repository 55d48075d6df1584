/** Invariants of R4 that are wrong as published and that later versions have put right, that take too long, or that are checked elsewhere. */
import { momentRange, type Test } from '../fhir/fhirpath/index.ts';

type Json = Readonly<Record<string, unknown>>;

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/**
 * R4 compares `2012 <= 2012-05` to the empty collection, which is not true, though nothing is wrong; R5 compares the first moment
 * of the one with the last of the other. https://hl7.org/fhir/R5/datatypes.html#Period
 */
const inOrder =
  (first: string, last: string): Test =>
  (_environment, focus) => {
    if (!isJson(focus)) return true;
    const start = focus[first];
    const end = focus[last];
    if (typeof start !== 'string' || typeof end !== 'string') return true;
    const from = momentRange(start);
    const to = momentRange(end);
    return from === undefined || to === undefined || from[0] <= to[1];
  };

/** As R5: only values in one unit can be compared. https://hl7.org/fhir/R5/datatypes.html#Range */
const rangeInOrder: Test = (_environment, focus) => {
  if (!isJson(focus)) return true;
  const { low, high } = focus;
  if (!isJson(low) || !isJson(high)) return true;
  if (typeof low['value'] !== 'number' || typeof high['value'] !== 'number') return true;
  const isOneUnit = low['system'] === high['system'] && low['code'] === high['code'] && (low['code'] !== undefined || low['unit'] === high['unit']); // prettier-ignore
  return !isOneUnit || low['value'] <= high['value'];
};

/**
 * sdf-8 and sdf-8a ask of each element what the first one's path is, which takes time by the square of their number: the first
 * is of the type of the definition, but in logical models, and all others are below its root.
 */
const belowRoot =
  (isOfType: (first: string, type: string) => boolean, rootOf: (first: string) => string): Test =>
  ({ resource }, focus) => {
    const elements: unknown = isJson(focus) ? focus['element'] : undefined;
    if (!Array.isArray(elements) || elements.length === 0) return true;
    const [first = '', ...others] = elements.map((element: unknown) => textOf(element, 'path'));
    const isFirst = textOf(resource, 'kind') === 'logical' || isOfType(first, textOf(resource, 'type'));
    const root = `${rootOf(first)}.`;
    return isFirst && others.every((path) => path.startsWith(root));
  };

const textOf = (value: unknown, member: string): string => {
  const text = isJson(value) ? value[member] : undefined;
  return typeof text === 'string' ? text : '';
};

const CORRECTED: Readonly<Record<string, Test>> = {
  'per-1': inOrder('start', 'end'),
  'rng-2': rangeInOrder,
  'sdf-8': belowRoot(
    (first, type) => first === type,
    (first) => first,
  ),
  'sdf-8a': belowRoot(
    (first, type) => first.startsWith(type),
    (first) => first.replace(/\..*/s, ''),
  ),
  'mdd-1': inOrder('whenPrepared', 'whenHandedOver'),
};

/** By key: what is evaluated instead of the published expression. */
export const correctedTest = (key: string): Test | undefined =>
  Object.hasOwn(CORRECTED, key) ? CORRECTED[key] : undefined;

/** The walk does these itself: by the references that it meets, and by the parser of narratives. `dom-r4b` is not of R4. */
const ELSEWHERE = new Set(['dom-3', 'ref-1', 'txt-1', 'txt-2', 'dom-r4b']);

export const isElsewhere = (key: string): boolean => ELSEWHERE.has(key);

const STRUCTURE_DEFINITION = 'http://hl7.org/fhir/StructureDefinition/';

/** Where the standard's own definitions, and HL7's guides for R4, have extensions though their contexts do not say so. */
const FURTHER_CONTEXTS: Readonly<Record<string, readonly string[]>> = {
  [`${STRUCTURE_DEFINITION}capabilitystatement-expectation`]: ['Element'],
  [`${STRUCTURE_DEFINITION}structuredefinition-fhir-type`]: ['ElementDefinition.type'],
  [`${STRUCTURE_DEFINITION}structuredefinition-normative-version`]: ['Element', 'Resource'],
  [`${STRUCTURE_DEFINITION}regex`]: ['ElementDefinition.type'],
  [`${STRUCTURE_DEFINITION}valueset-concept-comments`]: ['CodeSystem.concept'],
};

export const furtherContexts = (url: string): readonly string[] =>
  Object.hasOwn(FURTHER_CONTEXTS, url) ? FURTHER_CONTEXTS[url]! : [];
