/** fixed[x] and pattern[x]. https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.fixed_x_ */
import type { ElementDefinition } from '@medplum/fhirtypes';
import { isObject } from './run.ts';

/** Fixed: the same and nothing more. */
export function equals(fixed: unknown, value: unknown): boolean {
  if (Array.isArray(fixed))
    return (
      Array.isArray(value) &&
      value.length === fixed.length &&
      fixed.every((part, i) => equals(part, value[i]))
    );
  if (!isObject(fixed)) return fixed === value;
  if (!isObject(value)) return false;
  const names = Object.keys(fixed);
  return (
    names.length === Object.keys(value).length &&
    names.every((name) => Object.hasOwn(value, name) && equals(fixed[name], value[name]))
  );
}

/** Pattern: at least this; each part of an array is found somewhere in the other. */
export function contains(pattern: unknown, value: unknown): boolean {
  if (Array.isArray(pattern))
    return Array.isArray(value) && pattern.every((part) => value.some((other) => contains(part, other)));
  if (!isObject(pattern)) return pattern === value;
  if (!isObject(value)) return false;
  return Object.keys(pattern).every(
    (name) => Object.hasOwn(value, name) && contains(pattern[name], value[name]),
  );
}

export interface Expected {
  readonly kind: 'fixed' | 'pattern';
  readonly value: unknown;
  matches(value: unknown): boolean;
}

export function expectedOf(element: ElementDefinition): Expected | undefined {
  for (const [name, value] of Object.entries(element)) {
    if (/^fixed[A-Z]/.test(name)) return { kind: 'fixed', value, matches: (other) => equals(value, other) };
    if (/^pattern[A-Z]/.test(name))
      return { kind: 'pattern', value, matches: (other) => contains(value, other) };
  }
  return undefined;
}
