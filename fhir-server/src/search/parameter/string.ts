/** String parameters: starts-with on a normalised form. https://hl7.org/fhir/R4/search.html#string */
import { normaliseString } from '../normalise-string.ts';
import { badValue, unescapeValue } from '../search-value.ts';
import { isElement, list, type ParameterType } from './parameter-type.ts';

// All text parts of HumanName and Address. https://hl7.org/fhir/R4/datatypes.html
const PARTS = [
  'text', 'family', 'given', 'prefix', 'suffix',
  'line', 'city', 'district', 'state', 'postalCode', 'country',
]; // prettier-ignore

export const string: ParameterType = {
  index(param, value, sink) {
    if (typeof value === 'string') return sink.string(param, normaliseString(value));
    if (!isElement(value)) return;
    for (const part of PARTS)
      for (const text of list(value[part]))
        if (typeof text === 'string') sink.string(param, normaliseString(text));
  },

  parse(param, text) {
    const value = normaliseString(unescapeValue(text));
    if (value === '') throw badValue(param, 'the value is empty');
    return { kind: 'string', param, value };
  },
};
