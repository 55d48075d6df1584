/** String parameters: starts-with on a normalised form. https://hl7.org/fhir/R4/search.html#string */
import type { StringExpression } from '../expression.ts';
import { notSupported } from '../../fhir/outcome.ts';
import { normaliseString } from '../normalise-string.ts';
import { badValue, unescapeValue } from '../search-value.ts';
import { isElement, list, type ParameterType, type ParseValue } from './parameter-type.ts';

// All text parts of HumanName and Address. https://hl7.org/fhir/R4/datatypes.html
const PARTS = [
  'text', 'family', 'given', 'prefix', 'suffix',
  'line', 'city', 'district', 'state', 'postalCode', 'country',
]; // prettier-ignore

const matching =
  (match: StringExpression['match']): ParseValue =>
  (param, text) => {
    const exact = unescapeValue(text);
    const value = normaliseString(exact);
    if (value === '') throw badValue(param, 'the value is empty');
    return { kind: 'string', param, match, value, ...(match === 'exact' ? { text: exact } : {}) };
  };

/** Not of R4's modifiers, but what `eq` and `ew` of _filter need. */
const ofFilter =
  (modifier: string, parse: ParseValue): ParseValue =>
  (param, text, context) => {
    if (context.isFilter !== true)
      throw notSupported(
        `Modifier :${modifier} of search parameter ${param} is not supported.`,
        `${param}:${modifier}`,
      );
    return parse(param, text, context);
  };

export const string: ParameterType = {
  store: 'string',

  index(param, value, sink) {
    if (typeof value === 'string') return sink.string(param, value);
    if (!isElement(value)) return;
    for (const part of PARTS)
      for (const text of list(value[part])) if (typeof text === 'string') sink.string(param, text);
  },

  parse: matching('start'),
  modifiers: {
    exact: matching('exact'),
    contains: matching('contains'),
    equals: ofFilter('equals', matching('equal')),
    ends: ofFilter('ends', matching('end')),
  },
};
