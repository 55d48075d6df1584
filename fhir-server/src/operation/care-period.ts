/** Which resources of a record belong to a period of care. https://hl7.org/fhir/R4/patient-operation-everything.html */
import { badRequest } from '../fhir/outcome.ts';
import { ALL, and, type Expression, not, or, parseSearch } from '../search/index.ts';
import { parseDateRange } from '../search/date-range.ts';
import type { Request } from '../interaction/index.ts';

/** Both are FHIR dates; either may be missing. */
export interface CarePeriod {
  readonly start?: string;
  readonly end?: string;
}

/**
 * Search parameters that tell when care took place, from the best on: that something happened or began, then that it was
 * ordered, then that it was written down. A resource goes by the first that it has a value of.
 */
const CARE_DATES = [
  'occurrence', 'event-date', 'onset', 'onset-date', 'effective', 'effective-time', 'whenhandedover', 'whenprepared',
  'started', 'start-date', 'collected', 'sent', 'identified', 'when',
  'authoredon', 'authored', 'authored-on', 'datewritten', 'datetime',
  'date', 'period', 'recorded-date', 'entered-date', 'created', 'issued', 'received', 'recorded',
]; // prettier-ignore

/** These began and go on, until the date of the other parameter if there is one: a chronic condition is of all years since. */
const LASTING = new Map<string, string | undefined>([
  ['Condition.onset-date', 'abatement-date'],
  ['Condition.recorded-date', 'abatement-date'],
  ['AllergyIntolerance.onset', undefined],
  ['AllergyIntolerance.date', undefined],
  ['Goal.start-date', undefined],
]);

/** Parameters by name; throws 400 for one that is no date (an instant is one). */
export function checkDates(parameters: Readonly<Record<string, string | undefined>>): void {
  for (const [name, text] of Object.entries(parameters))
    if (text !== undefined && parseDateRange(text.replace(' ', '+')) === undefined)
      throw badRequest(`Parameter ${name}: not a date.`, name);
}

/** What has no date at all, such as an allergy that nobody dated, is always part of the record. */
export function inCarePeriod(
  { server: { registry, config } }: Request,
  resourceType: string,
  { start, end }: CarePeriod,
): Expression {
  const parse = (pairs: [string, string][]): Expression =>
    parseSearch(resourceType, pairs, {
      registry,
      baseUrl: config.fhirBase,
      pageSize: 1,
      pageSizeMax: 1,
      handling: 'strict',
      now: new Date(),
    }).filter;
  const from = (code: string): Expression => (start === undefined ? ALL : parse([[code, `ge${start}`]]));
  const to = (code: string): Expression => (end === undefined ? ALL : parse([[code, `le${end}`]]));
  const without = (code: string): Expression => parse([[`${code}:missing`, 'true']]);
  const during = (code: string): Expression => {
    const name = `${resourceType}.${code}`;
    if (!LASTING.has(name)) return and(from(code), to(code));
    const until = LASTING.get(name);
    return until === undefined ? to(code) : and(to(code), or(from(until), without(until)));
  };
  const own = CARE_DATES.filter((code) => {
    const parameter = registry.get(resourceType, code);
    return parameter?.type === 'date' && !registry.isCustom(parameter);
  });
  const missing = own.map(without);
  // Where a lasting one has no upper bound, it still has to be there.
  const within = own.map((code, i) => and(...missing.slice(0, i), not(without(code)), during(code)));
  return or(...within, and(...missing));
}
