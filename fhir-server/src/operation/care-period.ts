/** Which resources of a record belong to a period of care. https://hl7.org/fhir/R4/patient-operation-everything.html */
import { badRequest } from '../fhir/outcome.ts';
import { and, type Comparison, type Expression, or, parseConditions } from '../search/index.ts';
import { type DateRange, parseDateRange } from '../search/date-range.ts';
import type { Request } from '../interaction/index.ts';

/** Both are FHIR dates; either may be missing. */
export interface CarePeriod {
  readonly start?: string;
  readonly end?: string;
}

/**
 * Search parameters that tell when care took place, from the best on: that something happened or began, then that it was
 * ordered, then that it was written down. A resource goes by the first that it has a value of. (The period of a Consent is
 * when it holds.)
 */
const CARE_DATES = [
  'occurrence', 'event-date', 'onset', 'onset-date', 'effective', 'effective-time', 'whenhandedover', 'whenprepared',
  'started', 'start-date', 'collected', 'sent', 'identified', 'when',
  'authoredon', 'authored', 'authored-on', 'datewritten', 'datetime',
  'period', 'date', 'recorded-date', 'entered-date', 'created', 'issued', 'received', 'recorded',
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

/** Further than any date, in ms since the epoch. */
const OPEN = 8.64e15;

const rangeOf = (text: string): DateRange => parseDateRange(text.replace(' ', '+'))!;

/** The parameter's own expression, for another range than can be written. */
const withBounds = (expression: Expression, comparison: Comparison): Expression =>
  expression.kind === 'or'
    ? or(...expression.of.map((part) => withBounds(part, comparison)))
    : expression.kind === 'range'
      ? { ...expression, comparison }
      : expression;

/** What has no date at all, such as an allergy that nobody dated, is always part of the record. */
export function inCarePeriod(
  { server: { registry, config } }: Request,
  resourceType: string,
  { start, end }: CarePeriod,
): Expression {
  const parse = (code: string, value: string): Expression =>
    parseConditions(resourceType, [[code, value]], { registry, baseUrl: config.fhirBase });
  const without = (code: string): Expression => parse(`${code}:missing`, 'true');
  /** A value and the days from `from` to `to` have some time in common. */
  const meets = (code: string, from?: string, to?: string): Expression => {
    const low = from === undefined ? -OPEN : rangeOf(from).low;
    const high = to === undefined ? OPEN : rangeOf(to).high;
    return withBounds(parse(code, 'ap2000'), { prefix: 'ap', low, high });
  };
  const during = (code: string): Expression => {
    const name = `${resourceType}.${code}`;
    if (!LASTING.has(name)) return meets(code, start, end);
    const until = LASTING.get(name);
    const began = meets(code, undefined, end);
    return until === undefined ? began : and(began, or(meets(until, start), without(until)));
  };
  const own = CARE_DATES.filter((code) => {
    const parameter = registry.get(resourceType, code);
    const isOfCare = !(resourceType === 'Consent' && code === 'period');
    return isOfCare && parameter?.type === 'date' && !registry.isCustom(parameter);
  });
  const missing = own.map(without);
  const within = own.map((code, i) => and(...missing.slice(0, i), during(code)));
  return or(...within, and(...missing));
}
