/** Uri parameters: exact and case-sensitive, or by their path. https://hl7.org/fhir/R4/search.html#uri */
import { uriKey } from '../index-row.ts';
import { badValue, unescapeValue } from '../search-value.ts';
import type { ParameterType } from './parameter-type.ts';

export const uri: ParameterType = {
  store: 'key',

  index(param, value, sink) {
    if (typeof value !== 'string' || value === '') return;
    addUri(value);
    const bar = value.lastIndexOf('|');
    if (bar > 0) addUri(value.slice(0, bar));

    function addUri(text: string): void {
      sink.uri(param, text, uriKey(param, text));
    }
  },

  parse: (param, text) => ({ kind: 'key', keys: [uriKey(param, unescapeValue(text))] }),

  modifiers: {
    below: (param, text) => ({ kind: 'path', param, value: path(`${param}:below`, text) }),
    above: (param, text) => ({
      kind: 'key',
      keys: ancestors(path(`${param}:above`, text)).map((value) => uriKey(param, value)),
    }),
  },
};

/** R4: both modifiers apply to URLs and not to URNs such as OIDs, which have no path. */
function path(name: string, text: string): string {
  const value = unescapeValue(text);
  if (/^urn:/i.test(value)) throw badValue(name, 'a URN has no path; only URLs can be above or below others');
  return value;
}

/** The uri itself and each path above it: of `http://a/b/c` also `http://a/b/`, `http://a/b`, `http://a/` and `http://a`. */
function ancestors(text: string): string[] {
  const found = [text];
  const start = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0].length ?? 0;
  for (let end = text.lastIndexOf('/'); end > start; end = text.lastIndexOf('/', end - 1))
    found.push(text.slice(0, end + 1), text.slice(0, end));
  return found;
}
