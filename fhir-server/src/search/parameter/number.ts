/** Number parameters. https://hl7.org/fhir/R4/search.html#number */
import { decimalComparison } from '../decimal-range.ts';
import { NUMBER_OPEN } from '../index-row.ts';
import { badValue, splitPrefix, unescapeValue } from '../search-value.ts';
import { isElement, type ParameterType } from './parameter-type.ts';

export const number: ParameterType = {
  store: 'range',
  modifiers: {},

  index(param, value, sink) {
    if (typeof value === 'number') return sink.range(param, { low: value, high: value });
    if (!isElement(value)) return;
    // RiskAssessment.prediction.probability may be a Range.
    const low = bound(value['low']);
    const high = bound(value['high']);
    if (low !== undefined || high !== undefined)
      sink.range(param, { low: low ?? -NUMBER_OPEN, high: high ?? NUMBER_OPEN });
  },

  parse(param, text) {
    const { prefix, rest } = splitPrefix(unescapeValue(text));
    const comparison = decimalComparison(prefix, rest);
    if (!comparison) throw badValue(param, 'not a decimal number');
    return { kind: 'range', param, comparison };
  },
};

const bound = (value: unknown): number | undefined =>
  isElement(value) && typeof value['value'] === 'number' ? value['value'] : undefined;
