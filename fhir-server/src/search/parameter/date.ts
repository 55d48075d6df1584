/** Date parameters: ranges in milliseconds. https://hl7.org/fhir/R4/search.html#date */
import { type DateRange, parseDateRange } from '../date-range.ts';
import type { Comparison, Expression } from '../expression.ts';
import { RANGE_OPEN } from '../index-row.ts';
import { badValue, splitPrefix, unescapeValue } from '../search-value.ts';
import type { IndexSink } from '../index-sink.ts';
import { type Element, isElement, list, type ParameterType } from './parameter-type.ts';

/** R4 proposes a tenth of the distance between now and the value for `ap`. */
const APPROXIMATION = 0.1;

export const date: ParameterType = {
  store: 'range',
  modifiers: {},

  index(param, value, sink) {
    if (typeof value === 'string') return addDate(param, value, sink);
    if (!isElement(value)) return;
    const range =
      value['start'] !== undefined || value['end'] !== undefined ? periodRange(value) : timingRange(value);
    if (range) sink.range(param, range);
  },

  parse: (param, text, { now, isFilter }): Expression => ({
    kind: 'range',
    param,
    comparison: parseDateComparison(param, text, now, isFilter),
  }),
};

/** Also used for `_lastUpdated`. Throws FhirError 400. */
export function parseDateComparison(param: string, text: string, now: number, isFilter = false): Comparison {
  const unescaped = unescapeValue(text);
  // `po` is the operator of _filter for periods that overlap; `ap` without its widening.
  const isOverlap = isFilter && unescaped.startsWith('po');
  const { prefix, rest } = isOverlap
    ? { prefix: 'ap' as const, rest: unescaped.slice(2) }
    : splitPrefix(unescaped);
  // A `+` of a zone that the client forgot to encode arrives as a space.
  const range = parseDateRange(rest.replace(' ', '+'));
  if (!range) throw badValue(param, 'not a date of the form YYYY[-MM[-DD[Thh:mm[:ss[.s]][zone]]]]');
  if (prefix !== 'ap' || isOverlap) return { prefix, ...range };
  const gap = Math.round(Math.abs(now - (range.low + range.high) / 2) * APPROXIMATION);
  return { prefix, low: range.low - gap, high: range.high + gap };
}

function addDate(param: string, text: string, sink: IndexSink): void {
  const range = parseDateRange(text);
  if (range) sink.range(param, range);
}

function periodRange(period: Element): DateRange | undefined {
  const start = typeof period['start'] === 'string' ? parseDateRange(period['start']) : undefined;
  const end = typeof period['end'] === 'string' ? parseDateRange(period['end']) : undefined;
  return start || end ? { low: start?.low ?? -RANGE_OPEN, high: end?.high ?? RANGE_OPEN } : undefined;
}

/** Of a schedule only the outer limits count, be they given by its events or by the bounds of its repetition. */
function timingRange(timing: Element): DateRange | undefined {
  const { event, repeat } = timing;
  const bounds = isElement(repeat) ? repeat['boundsPeriod'] : undefined;
  const ranges = [
    ...list(event).map((text) => (typeof text === 'string' ? parseDateRange(text) : undefined)),
    isElement(bounds) ? periodRange(bounds) : undefined,
  ].filter((range) => range !== undefined);
  if (ranges.length === 0) return undefined;
  return { low: Math.min(...ranges.map((r) => r.low)), high: Math.max(...ranges.map((r) => r.high)) };
}
