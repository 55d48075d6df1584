/** Which representation a client asks for, and in which one it writes. https://hl7.org/fhir/R4/http.html#mime-type */
import type { IncomingMessage } from 'node:http';
import { notAcceptable, unsupportedMediaType } from '../fhir/outcome.ts';
import { JSON_PATCH, type SentPatch } from '../interaction/index.ts';

export type Format = 'json' | 'xml';

export const FHIR_JSON = 'application/fhir+json';
export const FHIR_XML = 'application/fhir+xml';

/** `_format` may name them shortly too. */
const TYPES: Readonly<Record<Format, ReadonlySet<string>>> = {
  json: new Set([FHIR_JSON, 'application/json', 'application/json+fhir', 'text/json']),
  xml: new Set([FHIR_XML, 'application/xml', 'application/xml+fhir', 'text/xml']),
};
const ANY_OF_THEM = new Set(['*/*', 'application/*', 'text/*']);

const formatNamed = (type: string): Format | undefined =>
  type === 'json' || TYPES.json.has(type)
    ? 'json'
    : type === 'xml' || TYPES.xml.has(type)
      ? 'xml'
      : undefined;

/** `application/fhir+json; fhirVersion=4.0` → type and parameters, in lower case. */
function parseMediaType(text: string): { type: string; parameters: Map<string, string> } {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim().toLowerCase());
  const parameters = new Map(rest.map((part) => part.split('=', 2).map((s) => s.trim()) as [string, string]));
  return { type, parameters };
}

const isOurVersion = (version: string | undefined): boolean =>
  version === undefined || version.startsWith('4.0');

/** Throws 406 when neither `_format`, which has precedence, nor Accept (RFC 9110 section 12.5.1) allows JSON or XML. */
export function acceptedFormat(accept: string | undefined, format: string | null): Format {
  if (format !== null) {
    // A plus sign that was not encoded arrives as a space.
    const { type, parameters } = parseMediaType(format.replaceAll(' ', '+'));
    const named = formatNamed(type);
    if (named !== undefined && isOurVersion(parameters.get('fhirversion'))) return named;
    throw notAcceptable(`The format ${printable(format)} is not supported; use json or xml`, '_format');
  }
  // Most clients send what they always send.
  if (accept === undefined || accept.trim() === '' || accept === '*/*' || accept === FHIR_JSON) return 'json';
  const wanted = preferredFormat(accept);
  if (wanted !== undefined) return wanted;
  throw notAcceptable(`Only ${FHIR_JSON} and ${FHIR_XML} (fhirVersion 4.0) can be sent`, 'http.Accept');
}

/** That of the greatest weight; of equal ones that which is named, and named first. */
function preferredFormat(accept: string): Format | undefined {
  const ranges = accept.split(',').map(parseMediaType);
  const weighed = ranges.flatMap(({ type, parameters }) => {
    const named = formatNamed(type);
    if (named === undefined && !ANY_OF_THEM.has(type)) return [];
    if (!isOurVersion(parameters.get('fhirversion'))) return [];
    return [{ format: named, weight: Number(parameters.get('q') ?? '1') }];
  });
  const refused = new Set(weighed.filter(({ weight }) => weight === 0).map(({ format }) => format));
  const [best] = weighed
    .filter(({ weight }) => weight > 0)
    .sort((x, y) => y.weight - x.weight || Number(x.format === undefined) - Number(y.format === undefined));
  if (best === undefined) return undefined;
  if (best.format !== undefined) return best.format;
  return (['json', 'xml'] as const).find((format) => !refused.has(format));
}

/** The form of an error, which is told even to who asked for what is not there. */
export function errorFormat(
  accept: string | undefined,
  format: string | null,
  sent: string | undefined,
): Format {
  try {
    if (format !== null || accept !== undefined) return acceptedFormat(accept, format);
  } catch {
    return 'json';
  }
  return formatNamed(parseMediaType(sent ?? '').type) ?? 'json';
}

/** Whether the Accept header names a FHIR format, so that a Binary is wanted as a resource. */
export function wantsResource(accept: string | undefined, format: string | null): boolean {
  if (format !== null) return true;
  return (accept ?? '').split(',').some((range) => isFhirType(parseMediaType(range).type));
}

export const isFhirType = (type: string): boolean => type === FHIR_JSON || type === FHIR_XML;

/** The form of the body. Throws 415 when it is neither JSON nor XML in UTF-8, as FHIR has them. */
export function bodyFormat(request: IncomingMessage): Format {
  const header = request.headers['content-type'];
  if (header === undefined)
    throw unsupportedMediaType(`The request has no Content-Type; use ${FHIR_JSON}`, 'http.Content-Type');
  const { type, parameters } = parseMediaType(header);
  const charset = parameters.get('charset')?.replaceAll('"', '') ?? 'utf-8';
  const format = formatNamed(type);
  if (format === undefined || format === type || !isOurVersion(parameters.get('fhirversion')))
    throw unsupportedMediaType(
      `The Content-Type ${printable(type)} is not supported; use ${FHIR_JSON} or ${FHIR_XML}`,
      'http.Content-Type',
    );
  if (charset !== 'utf-8' && charset !== 'utf8')
    throw unsupportedMediaType('Only UTF-8 is supported', 'http.Content-Type');
  return format;
}

/** RFC 5789 section 2.2: which documents a PATCH may have. */
const ACCEPT_PATCH = `${JSON_PATCH}, ${FHIR_JSON}, ${FHIR_XML}`;

/** JSON Patch by its own type, FHIRPath Patch as a resource. Throws 415 for others. https://hl7.org/fhir/R4/http.html#patch */
export function patchKind(request: IncomingMessage): SentPatch['kind'] {
  const { type } = parseMediaType(request.headers['content-type'] ?? '');
  if (type === JSON_PATCH) return 'json-patch';
  if (formatNamed(type) !== undefined) return 'fhirpath-patch';
  const text = `A patch is sent as ${JSON_PATCH} (JSON Patch) or as Parameters (FHIRPath Patch)`;
  throw unsupportedMediaType(text, 'http.Content-Type', { 'Accept-Patch': ACCEPT_PATCH });
}

const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 80);
