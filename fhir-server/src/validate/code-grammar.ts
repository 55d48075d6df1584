/** Value sets whose codes follow a grammar and are in no list: languages, MIME types, currencies, units. */
import { createRequire } from 'node:module';

type Grammar = (code: string, system: string | undefined) => boolean;

/** https://www.rfc-editor.org/info/bcp47: well-formed by section 2.1, in parts of one to eight characters. */
const LANGUAGE = /^(?:[A-Za-z]{2,8}|i|x)(?:-[A-Za-z0-9]{1,8})*$/;

/** https://www.rfc-editor.org/info/bcp13: `type/subtype` of RFC 6838 section 4.2, and parameters. */
const TYPE = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9*][A-Za-z0-9!#$&^_.+-]{0,126}$/;

/** Names without a slash are in use for FHIR's own formats: `json`, `xml`. */
const SHORT_TYPES = new Set(['json', 'xml', 'ttl', 'html']);

const isMimeType: Grammar = (code) => {
  const [type = '', ...parameters] = code.split(';');
  return (
    (TYPE.test(type.trim()) || SHORT_TYPES.has(type)) &&
    parameters.every((p) => /^\s*[A-Za-z0-9!#$&^_.+-]+=\S/.test(p))
  );
};

const ofSystem =
  (systems: readonly string[], check: (code: string) => boolean): Grammar =>
  (code, system) =>
    (system === undefined || systems.includes(system)) && check(code);

const UCUM = 'http://unitsofmeasure.org';

interface Ucum {
  UcumLhcUtils: { getInstance(): { validateUnitString(unit: string): { status: string } } };
}

let ucum: ReturnType<Ucum['UcumLhcUtils']['getInstance']> | undefined;
const units = new Map<string, boolean>();
const UNITS_KEPT = 5_000;

/** The table of units is loaded at the first question, in some 100 ms. https://ucum.org/ucum */
export function isUcum(code: string): boolean {
  const known = units.get(code);
  if (known !== undefined) return known;
  // Codes are short; the parser's work grows with their length.
  if (code.length > 100 || /\s/.test(code)) return false;
  ucum ??= (createRequire(import.meta.url)('@lhncbc/ucum-lhc') as Ucum).UcumLhcUtils.getInstance();
  const isValid = ucum.validateUnitString(code).status === 'valid';
  if (units.size >= UNITS_KEPT) units.clear();
  units.set(code, isValid);
  return isValid;
}

/** ISO 4217: what is in circulation, and units of account, metals and codes of the last years. */
const CURRENCIES = new Set([
  ...Intl.supportedValuesOf('currency'),
  ...(
    'BOV CHE CHW CLF COU CUC HRK MRO MXV SLE SLL STD USN USS UYI UYW VED VEF VES XAG XAU XBA XBB XBC XBD XCG XDR XPD XPT ' +
    'XSU XTS XUA XXX ZWG ZWL'
  ).split(' '),
]);

const currency = ofSystem(['urn:iso:std:iso:4217'], (code) => CURRENCIES.has(code));
const language = ofSystem(['urn:ietf:bcp:47'], (code) => LANGUAGE.test(code));
const mimeType = ofSystem(['urn:ietf:bcp:13'], (code) => isMimeType(code, undefined));
const unit = ofSystem([UCUM], isUcum);

/** UCUM units of time: https://hl7.org/fhir/R4/valueset-all-time-units.html lists what can be made of them. */
const timeUnit = ofSystem([UCUM], (code) => /^(?:[afpnumcdhkMGTPE]|da)?s$|^(?:min|h|d|wk|mo|a|a_[jgt]|mo_[sjg])$/.test(code)); // prettier-ignore
const lengthUnit = ofSystem([UCUM], (code) => isUcum(code) && /m|\[.*(?:in|ft|mi|yd|pc|ly|rd|ch|lk|fth)/.test(code)); // prettier-ignore

const GRAMMARS: Readonly<Record<string, Grammar>> = {
  'http://hl7.org/fhir/ValueSet/all-languages': language,
  'http://hl7.org/fhir/ValueSet/mimetypes': mimeType,
  'http://www.rfc-editor.org/bcp/bcp13.txt': mimeType,
  'http://hl7.org/fhir/ValueSet/currencies': currency,
  'http://hl7.org/fhir/ValueSet/ucum-units': unit,
  'http://hl7.org/fhir/ValueSet/all-time-units': timeUnit,
  'http://hl7.org/fhir/ValueSet/all-distance-units': lengthUnit,
};

/** Whether a code is in a value set of a grammar; undefined for other value sets. */
export function byGrammar(valueSet: string, code: string, system: string | undefined): boolean | undefined {
  return Object.hasOwn(GRAMMARS, valueSet) ? GRAMMARS[valueSet]!(code, system) : undefined;
}
