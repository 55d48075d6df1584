/** Tokens: https://hl7.org/fhir/R4/search.html#token */
import type { CodeableConcept, Coding, ContactPoint, Identifier } from '@medplum/fhirtypes';
import type { Node } from './select.ts';
import { split, unescape } from './split.ts';
import { normalise } from './string.ts';

interface Token {
  readonly system?: string | undefined;
  readonly code?: string | undefined;
}

/** What a node says as pairs of system and code. */
export function tokens({ type, value }: Node): Token[] {
  if (typeof value === 'boolean' || typeof value === 'string') return [{ code: String(value) }];
  if (type === 'CodeableConcept') return (value as CodeableConcept).coding ?? [];
  if (type === 'Coding') return [value as Coding];
  const { system, value: code } = value as Identifier | ContactPoint;
  // A contact point's system is a word, which clients leave out.
  return type === 'ContactPoint' ? [{ system, code }, { code }] : [{ system, code }];
}

/** The texts that stand beside the codes. */
export function displays({ type, value }: Node): string[] {
  const concept = (c: CodeableConcept | undefined): (string | undefined)[] => [
    c?.text,
    ...(c?.coding ?? []).map((coding) => coding.display),
  ];
  const found =
    type === 'CodeableConcept'
      ? concept(value as CodeableConcept)
      : type === 'Coding'
        ? [(value as Coding).display]
        : type === 'Identifier'
          ? [(value as Identifier).type?.text]
          : [];
  return found.filter((text) => text !== undefined);
}

export function tokenEquals({ system, code }: Token, text: string): boolean {
  const parts = split(text, '|').map(unescape);
  if (parts.length === 1) return code === parts[0];
  const [wantedSystem, wantedCode] = parts;
  if (wantedSystem === '') return system === undefined && code === wantedCode;
  return system === wantedSystem && (wantedCode === '' || code === wantedCode);
}

/** `typeSystem|typeCode|value` */
function ofType(identifier: Identifier, text: string): boolean {
  const [system, code, value] = split(text, '|').map(unescape);
  const isTyped = identifier.type?.coding?.some((c) => c.system === system && c.code === code) ?? false;
  return isTyped && identifier.value === value;
}

export function tokenMatches(node: Node, text: string, modifier: string | undefined): boolean {
  if (modifier === 'text')
    return displays(node).some((d) => normalise(d).startsWith(normalise(unescape(text))));
  if (modifier === 'of-type') return node.type === 'Identifier' && ofType(node.value as Identifier, text);
  return tokens(node).some((token) => tokenEquals(token, text));
}
