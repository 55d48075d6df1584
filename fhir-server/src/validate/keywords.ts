/** The rules of FHIR that JSON Schema lacks, as ajv keywords. Each failure carries its issue in `params`. */
import type { FuncKeywordDefinition } from 'ajv';
import type { DataValidateFunction } from 'ajv/dist/types/index.js';
import type { OperationOutcomeIssue } from '@medplum/fhirtypes';
import { isResourceType, valueSetCodes } from '../fhir/definitions/index.ts';
import { numberText } from '../fhir/json/index.ts';
import { objectFaults, type ObjectRule } from './object-rule.ts';
import { PRIMITIVE_CHECKS, PRIMITIVE_HINTS } from './primitive-format.ts';

/** What a keyword says of a value: where below it, and what. */
export interface Fault {
  readonly code: OperationOutcomeIssue['code'];
  readonly text: string;
  /** A member of the value. */
  readonly member?: string;
  /** Issues of a whole resource inside, with expressions of their own. */
  readonly nested?: readonly OperationOutcomeIssue[];
}

/** Where the value stands: in a member of an object, or in an array. */
interface Place {
  readonly parentData: object;
  readonly parentDataProperty: string | number;
}

type Check<Rule> = (rule: Rule, value: unknown, place: Place) => readonly Fault[];

function keyword<Rule>(name: string, check: Check<Rule>): FuncKeywordDefinition {
  return {
    keyword: name,
    errors: true,
    compile(rule: Rule) {
      const validate: DataValidateFunction = (value: unknown, place) => {
        const faults = check(rule, value, place as Place);
        if (faults.length === 0) return true;
        validate.errors = faults.map((fault) => ({ keyword: name, message: fault.text, params: { fault } }));
        return false;
      };
      return validate;
    },
  };
}

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const primitive: Check<{ type: string; nullable: boolean }> = (
  { type, nullable },
  value,
  { parentData, parentDataProperty },
) => {
  if (nullable && value === null) return [];
  const isOne = PRIMITIVE_CHECKS[type]!(value);
  // `1.0` and `1e2` are whole numbers for JSON, and no integers for FHIR.
  const isWritten =
    typeof value !== 'number' ||
    type === 'decimal' ||
    /^-?\d+$/.test(numberText(parentData, parentDataProperty, value));
  if (isOne && isWritten) return [];
  return [
    {
      code: 'value',
      text: `This ${type} must be ${PRIMITIVE_HINTS[type] ?? 'text that is not empty, without control characters and halves of surrogate pairs'}`,
    },
  ];
};

const object: Check<ObjectRule> = (rule, value) => (isObject(value) ? objectFaults(rule, value) : []);

/** Constraint ext-1. */
const extension: Check<true> = (_rule, value) => {
  if (!isObject(value)) return [];
  const hasValue = Object.keys(value).some((name) => /^_?value[A-Z]/.test(name));
  if (hasValue !== Object.hasOwn(value, 'extension')) return [];
  return [{ code: 'invariant', text: 'An extension has either a value or extensions' }];
};

const binding: Check<string> = (canonical, value) => {
  const codes = valueSetCodes(canonical);
  if (codes === undefined || value === null) return [];
  if (typeof value === 'string') {
    if ([...codes.values()].some((of) => of.has(value))) return [];
    return [{ code: 'code-invalid', text: `The code is not one of ${canonical}${listOf(codes)}` }];
  }
  if (!isObject(value)) return [];
  const codings = Array.isArray(value['coding']) ? (value['coding'] as unknown[]) : [value];
  if (codings.some((coding) => isObject(coding) && isCoded(codes, coding))) return [];
  return [{ code: 'code-invalid', text: `A coding of ${canonical} is required${listOf(codes)}` }];
};

const isCoded = (codes: ReadonlyMap<string, ReadonlySet<string>>, coding: JsonObject): boolean =>
  codes.get(String(coding['system']))?.has(String(coding['code'])) === true;

const LISTED_MAX = 12;

function listOf(codes: ReadonlyMap<string, ReadonlySet<string>>): string {
  const all = [...codes.values()].flatMap((of) => [...of]);
  return all.length > LISTED_MAX ? '' : `: ${all.join(', ')}`;
}

/** A reference by URL or by condition names its type; those of other kinds (`#id`, `urn:uuid:`) do not. */
const targets: Check<readonly string[]> = (allowed, value) => {
  const reference = isObject(value) ? value['reference'] : undefined;
  if (typeof reference !== 'string' || /^(#|urn:)/.test(reference)) return [];
  const type =
    /(?:^|\/)([A-Z][A-Za-z]+)(?:\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?|\?.*)$/.exec(
      reference,
    )?.[1];
  if (type === undefined || !isResourceType(type) || allowed.includes(type)) return [];
  const text = `The reference must be to ${allowed.join(' or ')}, not to ${type}`;
  return [{ code: 'value', text, member: 'reference' }];
};

export type ValidateNested = (value: unknown, place: 'contained' | 'any') => OperationOutcomeIssue[];

/** `validateNested` validates a whole resource inside another. */
export const fhirKeywords = (validateNested: ValidateNested): FuncKeywordDefinition[] => [
  keyword('fhirPrimitive', primitive),
  keyword('fhirObject', object),
  keyword('fhirExtension', extension),
  keyword('fhirBinding', binding),
  keyword('fhirTargets', targets),
  keyword('fhirResource', (place: 'contained' | 'any', value) => {
    const nested = validateNested(value, place);
    return nested.length === 0 ? [] : [{ code: 'invalid', text: 'The resource inside is not valid', nested }];
  }),
];
