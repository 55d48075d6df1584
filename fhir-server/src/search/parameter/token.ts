/** Token parameters. https://hl7.org/fhir/R4/search.html#token */
import { tokenCodeKey, tokenKey, tokenSystemKey } from '../index-row.ts';
import { badValue, splitEscaped, unescapeValue } from '../search-value.ts';
import type { IndexSink } from '../index-sink.ts';
import { isElement, list, type ParameterType } from './parameter-type.ts';

const CONTACT_SYSTEMS = new Set(['phone', 'fax', 'email', 'pager', 'url', 'sms', 'other']);

export const token: ParameterType = {
  index(param, value, sink) {
    if (typeof value === 'string' || typeof value === 'boolean')
      return addToken(param, '', String(value), sink);
    if (!isElement(value)) return;
    if (value['coding'] !== undefined) {
      for (const coding of list(value['coding'])) token.index(param, coding, sink, { baseUrl: '' });
      return;
    }
    const system = typeof value['system'] === 'string' ? value['system'] : '';
    // Coding has `code`; Identifier and ContactPoint have `value`.
    const code = typeof value['code'] === 'string' ? value['code'] : value['value'];
    if (typeof code !== 'string') {
      if (system !== '' && !CONTACT_SYSTEMS.has(system)) sink.key(tokenSystemKey(param, system));
      return;
    }
    addToken(param, system, code, sink);
    // R4 gives a ContactPoint no system; `phone|555` is understood as well because clients send it.
    if (CONTACT_SYSTEMS.has(system)) sink.key(tokenKey(param, '', code));
  },

  parse(param, text) {
    const parts = splitEscaped(text, '|').map(unescapeValue);
    if (parts.length > 2) throw badValue(param, 'a token has the form [system|]code');
    const [first, code] = parts as [string, string | undefined];
    if (code === undefined) return { kind: 'key', keys: [tokenCodeKey(param, first)] };
    if (code !== '') return { kind: 'key', keys: [tokenKey(param, first, code)] };
    if (first === '') throw badValue(param, 'system and code are both empty');
    return { kind: 'key', keys: [tokenSystemKey(param, first)] };
  },
};

function addToken(param: string, system: string, code: string, sink: IndexSink): void {
  sink.key(tokenCodeKey(param, code));
  sink.key(tokenKey(param, system, code));
  if (system !== '') sink.key(tokenSystemKey(param, system));
}
