/** Bindings that the structure does not hold: grammars, and those that are no must. https://hl7.org/fhir/R4/terminologies.html#strength */
import type { OperationOutcomeIssue } from '@medplum/fhirtypes';
import { listedCodes, valueSetCodes } from '../fhir/definitions/index.ts';
import { byGrammar } from './code-grammar.ts';
import { isJson } from './json.ts';
import type { Binding, Strength } from './plan.ts';
import type { Level } from './walk.ts';

export interface Coded {
  /** Absent for elements of type `code`, whose system the value set tells. */
  readonly system?: string;
  readonly code: string;
}

/** What memory cannot decide: whoever has the terminology does. */
export interface OpenBinding {
  /** FHIRPath of the element. */
  readonly expression: string;
  /** Canonical, without version. */
  readonly valueSet: string;
  readonly strength: Strength;
  /** At least one of them has to be in the value set. */
  readonly codings: readonly Coded[];
}

type Finding =
  | {
      readonly kind: 'wrong';
      readonly text: string;
      readonly severity: NonNullable<OperationOutcomeIssue['severity']>;
    }
  | { readonly kind: 'open'; readonly open: Omit<OpenBinding, 'expression'> };

export const SEVERITY: Readonly<Record<Strength, 'error' | 'warning' | 'information'>> = {
  required: 'error',
  max: 'error',
  extensible: 'warning',
  preferred: 'information',
};

/** What is told of codes that are not in the value set. */
export const bindingText = (strength: Strength, valueSet: string): string =>
  strength === 'required' || strength === 'max'
    ? `The code must be of ${valueSet}`
    : strength === 'extensible'
      ? `None of the codes is of ${valueSet}, from which they have to be taken where one fits`
      : `None of the codes is of ${valueSet}, from which they should be taken`;

/** Undefined when the codes are right, or are not looked at on this level. */
export function bindingFinding(binding: Binding, value: unknown, level: Level): Finding | undefined {
  const { strength, valueSet } = binding;
  if (level === 'error' && SEVERITY[strength] !== 'error') return undefined;
  // Those that can be listed are checked with the structure.
  if (strength === 'required' && valueSetCodes(valueSet) !== undefined) return undefined;
  const codings = codingsOf(value);
  if (codings.length === 0) return undefined;
  const verdicts = codings.map((coding) => isIn(valueSet, coding));
  if (verdicts.includes(true)) return undefined;
  if (verdicts.includes(undefined)) return { kind: 'open', open: { valueSet, strength, codings } };
  return { kind: 'wrong', text: bindingText(strength, valueSet), severity: SEVERITY[strength] };
}

function codingsOf(value: unknown): Coded[] {
  if (typeof value === 'string') return [{ code: value }];
  if (!isJson(value)) return [];
  const all = Array.isArray(value['coding']) ? (value['coding'] as unknown[]) : [value];
  return all.flatMap((coding) => {
    if (!isJson(coding) || typeof coding['code'] !== 'string') return [];
    const { system, code } = coding;
    return [{ code, ...(typeof system === 'string' ? { system } : {}) }];
  });
}

function isIn(valueSet: string, { system, code }: Coded): boolean | undefined {
  const grammar = byGrammar(valueSet, code, system);
  if (grammar !== undefined) return grammar;
  const listed = valueSetCodes(valueSet) ?? listedCodes(valueSet);
  if (listed === undefined) return undefined;
  if (system !== undefined) return listed.get(system)?.has(code) === true;
  return [...listed.values()].some((codes) => codes.has(code));
}
