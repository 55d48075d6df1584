/** Which representation a client asks for, and in which one it writes. https://hl7.org/fhir/R4/http.html#mime-type */
import type { IncomingMessage } from 'node:http';
import { notAcceptable, unsupportedMediaType } from '../fhir/outcome.ts';

export const FHIR_JSON = 'application/fhir+json';

const JSON_TYPES = new Set([FHIR_JSON, 'application/json', 'application/json+fhir', 'text/json']);
const ANY_OF_THEM = new Set(['*/*', 'application/*', 'text/*']);

/** `application/fhir+json; fhirVersion=4.0` → type and parameters, in lower case. */
function parseMediaType(text: string): { type: string; parameters: Map<string, string> } {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim().toLowerCase());
  const parameters = new Map(rest.map((part) => part.split('=', 2).map((s) => s.trim()) as [string, string]));
  return { type, parameters };
}

const isOurVersion = (version: string | undefined): boolean =>
  version === undefined || version.startsWith('4.0');

/** Throws 406 when neither `_format` nor Accept allows JSON. `_format` has precedence. */
export function checkAcceptable(accept: string | undefined, format: string | null): void {
  if (format !== null) {
    // A plus sign that was not encoded arrives as a space.
    const { type } = parseMediaType(format.replaceAll(' ', '+'));
    if (type === 'json' || JSON_TYPES.has(type)) return;
    throw notAcceptable(`The format ${printable(format)} is not supported; use json`, '_format');
  }
  if (accept === undefined || accept.trim() === '') return;
  const ranges = accept.split(',').map(parseMediaType);
  const isWanted = ranges.some(
    ({ type, parameters }) =>
      (JSON_TYPES.has(type) || ANY_OF_THEM.has(type)) &&
      Number(parameters.get('q') ?? '1') !== 0 &&
      isOurVersion(parameters.get('fhirversion')),
  );
  if (!isWanted) throw notAcceptable(`Only ${FHIR_JSON} (fhirVersion 4.0) can be sent`, 'http.Accept');
}

/** Whether the Accept header names a FHIR format, so that a Binary is wanted as a resource. */
export function wantsResource(accept: string | undefined, format: string | null): boolean {
  if (format !== null) return true;
  return (accept ?? '').split(',').some((range) => parseMediaType(range).type === FHIR_JSON);
}

/** Throws 415 when the body is not JSON in UTF-8, as FHIR has it. */
export function checkJsonBody(request: IncomingMessage): void {
  const header = request.headers['content-type'];
  if (header === undefined)
    throw unsupportedMediaType(`The request has no Content-Type; use ${FHIR_JSON}`, 'http.Content-Type');
  const { type, parameters } = parseMediaType(header);
  const charset = parameters.get('charset')?.replaceAll('"', '') ?? 'utf-8';
  if (!JSON_TYPES.has(type) || !isOurVersion(parameters.get('fhirversion')))
    throw unsupportedMediaType(
      `The Content-Type ${printable(type)} is not supported; use ${FHIR_JSON}`,
      'http.Content-Type',
    );
  if (charset !== 'utf-8' && charset !== 'utf8')
    throw unsupportedMediaType('Only UTF-8 is supported', 'http.Content-Type');
}

const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 80);
