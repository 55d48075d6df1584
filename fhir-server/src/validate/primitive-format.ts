/** Formats of primitive types as functions of linear time. https://hl7.org/fhir/R4/datatypes.html#primitive */

const DATE = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?$/;
const ZONE = /(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))$/;
/** Characters below 32 other than tab, line feed and carriage return are not allowed in any string. */
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/;

const isDate = (text: string): boolean => {
  const parts = DATE.exec(text);
  if (parts === null) return false;
  const [year, month, day] = [Number(parts[1]), Number(parts[2] ?? 1), Number(parts[3] ?? 1)];
  if (year === 0 || month < 1 || month > 12 || day < 1) return false;
  return day <= new Date(Date.UTC(year < 100 ? year + 400 : year, month, 0)).getUTCDate();
};

/** A whole date, a time with seconds, and a zone. */
const isInstant = (text: string): boolean => {
  const [date = '', time = ''] = text.split('T', 2);
  const zone = ZONE.exec(time)?.[0];
  return date.length === 10 && isDate(date) && zone !== undefined && TIME.test(time.slice(0, -zone.length));
};

/** https://hl7.org/fhir/R4/datatypes.html#string */
const LENGTH_MAX = 1024 * 1024;

/** White space is what XML has: a no-break space counts as text. */
const BLACK = /[^ \t\r\n]/;

const hasText = (text: string): boolean => BLACK.test(text) && !CONTROL.test(text) && text.isWellFormed();

const isText = (text: string): boolean => text.length <= LENGTH_MAX && hasText(text);

const isUri = (text: string): boolean => text !== '' && !/\s/.test(text) && isText(text);

const inRange = (text: number, low: number): boolean =>
  Number.isInteger(text) && text >= low && text <= 2 ** 31 - 1;

export type PrimitiveCheck = (value: unknown) => boolean;

const ofText =
  (check: (text: string) => boolean): PrimitiveCheck =>
  (value) =>
    typeof value === 'string' && check(value);

const ofNumber =
  (check: (value: number) => boolean): PrimitiveCheck =>
  (value) =>
    typeof value === 'number' && check(value);

/** Primitive type → whether a JSON value is one. */
export const PRIMITIVE_CHECKS: Readonly<Record<string, PrimitiveCheck>> = {
  boolean: (value) => typeof value === 'boolean',
  integer: ofNumber((n) => inRange(n, -(2 ** 31))),
  unsignedInt: ofNumber((n) => inRange(n, 0)),
  positiveInt: ofNumber((n) => inRange(n, 1)),
  decimal: ofNumber(Number.isFinite),
  string: ofText(isText),
  markdown: ofText(isText),
  code: ofText((t) => /^[^ \t\r\n]+(?:[ \t\r\n][^ \t\r\n]+)*$/.test(t) && isText(t)),
  id: ofText((t) => /^[A-Za-z0-9\-.]{1,64}$/.test(t)),
  uri: ofText(isUri),
  url: ofText(isUri),
  canonical: ofText(isUri),
  oid: ofText((t) => /^urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+$/.test(t)),
  uuid: ofText((t) => /^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(t)),
  date: ofText(isDate),
  dateTime: ofText((t) => (t.includes('T') ? isInstant(t) : isDate(t))),
  instant: ofText(isInstant),
  time: ofText((t) => TIME.test(t)),
  base64Binary: ofText((t) => /^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(t) && t.replace(/\s/g, '').length % 4 === 0),
  // What it holds is looked at by narrative.ts.
  xhtml: ofText(hasText),
};

/** What a person can do about a value that is not of the type. */
export const PRIMITIVE_HINTS: Readonly<Record<string, string>> = {
  boolean: 'true or false, without quotes',
  integer: 'a whole number of 32 bits, written with digits only',
  unsignedInt: 'a whole number from 0 to 2147483647, written with digits only',
  positiveInt: 'a whole number from 1 to 2147483647, written with digits only',
  decimal: 'a number, without quotes, of less than 309 digits before the point',
  code: 'a code without leading, trailing or double spaces',
  id: '1 to 64 letters, digits, hyphens and dots',
  uri: 'a URI without spaces',
  url: 'a URL without spaces',
  canonical: 'a canonical URL without spaces',
  oid: 'an OID such as urn:oid:1.2.3',
  uuid: 'a UUID such as urn:uuid:c757873d-ec9a-4326-a141-556f43239520, in lower case',
  date: 'a date that exists: YYYY, YYYY-MM or YYYY-MM-DD',
  dateTime: 'a date that exists, or a date with a time and a zone such as 2024-05-01T10:00:00Z',
  instant: 'a moment with a zone such as 2024-05-01T10:00:00Z',
  time: 'a time such as 10:00:00',
  base64Binary: 'base64',
};
