/** Uri parameters: exact, case-sensitive. https://hl7.org/fhir/R4/search.html#uri */
import { uriKey } from '../index-row.ts';
import { unescapeValue } from '../search-value.ts';
import type { ParameterType } from './parameter-type.ts';

export const uri: ParameterType = {
  index(param, value, sink) {
    if (typeof value !== 'string' || value === '') return;
    sink.key(uriKey(param, value));
    const bar = value.lastIndexOf('|');
    if (bar > 0) sink.key(uriKey(param, value.slice(0, bar)));
  },

  parse: (param, text) => ({ kind: 'key', keys: [uriKey(param, unescapeValue(text))] }),
};
