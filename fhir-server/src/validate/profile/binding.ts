/** Bindings of a profile to value sets. https://hl7.org/fhir/R4/terminologies.html#strength */
import type { ElementDefinition } from '@medplum/fhirtypes';
import { valueSetCodes } from '../../fhir/definitions/index.ts';
import { issue } from '../../fhir/outcome.ts';
import type { Check } from './item.ts';
import { isObject, type Coded, type JsonObject } from './run.ts';
import { standardElement, type CodeTest, type Scope } from './scope.ts';

const MAX_VALUE_SET = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet';

/** The codes of a code, Coding, CodeableConcept or Quantity. */
export function codedOf(value: unknown): Coded[] {
  if (typeof value === 'string') return [{ code: value }];
  if (!isObject(value)) return [];
  const { coding, reference } = value;
  // CodeableReference is of later versions, and a Reference is no code.
  if (reference !== undefined) return [];
  return Array.isArray(coding)
    ? coding.filter(isObject).map(codingOf)
    : coding === undefined
      ? oneOf(value)
      : [];
}

const oneOf = (value: JsonObject): Coded[] =>
  value['code'] === undefined && value['system'] === undefined ? [] : [codingOf(value)];

const codingOf = ({ system, code }: JsonObject): Coded => ({
  ...(typeof system === 'string' ? { system } : {}),
  ...(typeof code === 'string' ? { code } : {}),
});

/** Undefined for value sets that memory cannot decide. */
export function codeTestOf(valueSet: string, { sources }: Scope): CodeTest | undefined {
  const own = sources.codes(valueSet);
  if (own !== undefined) return own;
  const standard = valueSetCodes(valueSet.split('|')[0] ?? '');
  if (standard === undefined) return undefined;
  return (system, code) =>
    system === undefined
      ? [...standard.values()].some((codes) => codes.has(code))
      : standard.get(system)?.has(code) === true;
}

/** Required: an error. Extensible: a warning, unless there is a maximal value set, which holds as an error. */
export function checkBinding({ binding, base }: ElementDefinition, scope: Scope): Check | undefined {
  if (binding?.valueSet === undefined) return undefined;
  const { strength, valueSet, extension } = binding;
  const max = extension?.find(({ url }) => url === MAX_VALUE_SET)?.valueCanonical;
  const standard = standardElement(base?.path ?? '')?.binding;
  // What the standard demands is checked without any profile.
  const isStandard = standard?.strength === strength && standard?.valueSet === valueSet;
  const checks: Check[] = [];
  if ((strength === 'required' || strength === 'extensible') && !isStandard)
    checks.push(membership(valueSet, strength, scope));
  if (max !== undefined && !isStandard) checks.push(membership(max, 'required', scope));
  if (checks.length === 0) return undefined;
  return (item, at, run) => {
    for (const check of checks) check(item, at, run);
  };
}

function membership(valueSet: string, strength: 'required' | 'extensible', scope: Scope): Check {
  const isRequired = strength === 'required';
  const text = isRequired
    ? `${scope.label}: a code of ${valueSet} is required`
    : `${scope.label}: none of the codes is of ${valueSet}, which should be used if it fits`;
  const severity = isRequired ? ('error' as const) : ('warning' as const);
  return ({ value }, at, run) => {
    if (value === undefined) return;
    const codings = codedOf(value);
    if (codings.length === 0) {
      if (isRequired && isObject(value)) run.report('code-invalid', text, at, severity);
      return;
    }
    const test = codeTestOf(valueSet, scope);
    if (test === undefined) {
      run.leaveOpen({ valueSet, strength, codings, issue: issue('code-invalid', text, at, severity) });
      return;
    }
    if (!codings.some(({ system, code }) => code !== undefined && test(system, code)))
      run.report('code-invalid', text, at, severity);
  };
}
