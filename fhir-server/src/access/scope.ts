/** SMART scopes for resources, v1, v2 and granular. https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html */
import { isResourceType } from '../fhir/definitions/index.ts';
import type { ScopeLetter } from './interaction.ts';

export interface Scope {
  /** As it was asked for; it is echoed in this form. */
  readonly text: string;
  readonly level: 'patient' | 'user' | 'system';
  /** A resource type, or `*`. */
  readonly resourceType: string;
  /** A part of `cruds`, in that order; v1 forms are translated. */
  readonly letters: string;
  /** Search parameters, decoded, all of which a resource must match. Empty: no such limit. */
  readonly params: readonly (readonly [name: string, value: string])[];
}

const V1_LETTERS: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' };
/** The characters of a scope token: RFC 6749, section 3.3. */
const TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
const FORM = /^(patient|user|system)\/([A-Za-z]+|\*)\.([a-z]+|\*)(?:\?(.*))?$/;
const V2_LETTERS = /^c?r?u?d?s?$/;

/**
 * Undefined for whatever is no scope for resources: other scopes (`openid`), unknown types, letters out of order.
 * Whether the parameters of a granular scope can be evaluated is `isEvaluable`'s matter.
 */
export function parseScope(text: string): Scope | undefined {
  const parts = TOKEN.test(text) ? FORM.exec(text) : null;
  if (!parts) return undefined;
  const [, level, resourceType = '', permission = '', query] = parts;
  if (resourceType !== '*' && !isResourceType(resourceType)) return undefined;
  const v1 = Object.hasOwn(V1_LETTERS, permission) ? V1_LETTERS[permission] : undefined;
  if (v1 === undefined && !V2_LETTERS.test(permission)) return undefined;
  // Parameters came with v2; on a v1 form they have no defined meaning.
  if (v1 !== undefined && query !== undefined) return undefined;
  // A second question mark is nobody's value, but an attempt at a second query.
  if (query?.includes('?') === true) return undefined;
  const params = query === undefined ? [] : parseParams(query);
  if (!params) return undefined;
  return { text, level: level as Scope['level'], resourceType, letters: v1 ?? permission, params };
}

export const hasLetter = (scope: Scope, letter: ScopeLetter): boolean => scope.letters.includes(letter);

/** `name=value&…` without empty names or values; undefined when it is not of this form. */
export function parseParams(query: string): [string, string][] | undefined {
  const pairs: [string, string][] = [];
  for (const part of query.split('&')) {
    const at = part.indexOf('=');
    if (at < 1 || at === part.length - 1) return undefined;
    try {
      pairs.push([decodeURIComponent(part.slice(0, at)), decodeURIComponent(part.slice(at + 1))]);
    } catch {
      return undefined;
    }
  }
  return pairs;
}
