/** Tokens: https://hl7.org/fhir/R4/search.html#token */
import type { CodeableConcept, Coding, ContactPoint, Identifier } from '@medplum/fhirtypes';
import type { Node } from './select.ts';
import { split, unescape } from './split.ts';
import { normalise } from './string.ts';

interface Token {
  readonly system?: string | undefined;
  readonly code?: string | undefined;
  /** The system that goes without saying, because the value set of the element has it. */
  readonly implied?: string | undefined;
  /** A text, in which case does not matter. */
  readonly isText?: boolean;
}

/** Code systems of elements that hold a bare code, by path. https://hl7.org/fhir/R4/terminologies-systems.html */
const IMPLIED: Readonly<Record<string, string>> = {
  'Patient.gender': 'http://hl7.org/fhir/administrative-gender',
  'Address.use': 'http://hl7.org/fhir/address-use',
  'Observation.status': 'http://hl7.org/fhir/observation-status',
  'MedicationRequest.intent': 'http://hl7.org/fhir/CodeSystem/medicationrequest-intent',
  'ValueSet.status': 'http://hl7.org/fhir/publication-status',
};

/** What a node says as pairs of system and code. */
export function tokens({ type, value, path }: Node): Token[] {
  if (typeof value === 'boolean') return [{ code: String(value) }];
  if (typeof value === 'string') return [{ code: value, implied: IMPLIED[path], isText: type === 'string' }];
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

export function tokenEquals({ system, code, implied, isText = false }: Token, text: string): boolean {
  const parts = split(text, '|').map(unescape);
  const isCode = (wanted: string | undefined): boolean =>
    isText ? code?.toLowerCase() === wanted?.toLowerCase() : code === wanted;
  if (parts.length === 1) return isCode(parts[0]);
  const [wantedSystem, wantedCode] = parts;
  if (wantedSystem === '') return system === undefined && isCode(wantedCode);
  return (system ?? implied) === wantedSystem && (wantedCode === '' || isCode(wantedCode));
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
