/** Token parameters. https://hl7.org/fhir/R4/search.html#token */
import { not } from '../expression.ts';
import { tokenCodeKey, tokenKey, tokenSystemKey, typedIdentifierKey } from '../index-row.ts';
import type { IndexSink } from '../index-sink.ts';
import { normaliseString } from '../normalise-string.ts';
import { badValue, splitEscaped, unescapeValue } from '../search-value.ts';
import { type Element, isElement, list, type ParameterType, type ParseValue } from './parameter-type.ts';

const CONTACT_SYSTEMS = new Set(['phone', 'fax', 'email', 'pager', 'url', 'sms', 'other']);

export const token: ParameterType = {
  store: 'key',

  index(param, value, sink) {
    if (typeof value === 'string' || typeof value === 'boolean')
      return addToken(param, '', String(value), sink);
    if (!isElement(value)) return;
    addLabel(param, value['text'], sink);
    addLabel(param, value['display'], sink);
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
    if (isElement(value['type'])) addTypedIdentifier(param, value['type'], code, sink);
  },

  parse(param, text) {
    const { system, code } = splitToken(param, text);
    if (system === undefined) return { kind: 'key', keys: [tokenCodeKey(param, code)] };
    return {
      kind: 'key',
      keys: [code === '' ? tokenSystemKey(param, system) : tokenKey(param, system, code)],
    };
  },

  modifiers: {
    text: (param, text) => {
      const value = normaliseString(unescapeValue(text));
      if (value === '') throw badValue(param, 'the value is empty');
      return { kind: 'label', param, value };
    },
    'of-type': (param, text) => {
      const [system, code, value, ...more] = splitEscaped(text, '|').map(unescapeValue);
      if (!system || !code || !value || more.length > 0)
        throw badValue(param, ':of-type has the form system|code|value');
      return { kind: 'key', keys: [typedIdentifierKey(param, system, code, value)] };
    },
    in: (param, text) => ({ kind: 'codes', param, relation: 'in', of: unescapeValue(text) }),
    'not-in': (param, text) => not({ kind: 'codes', param, relation: 'in', of: unescapeValue(text) }),
    above: hierarchy('above'),
    below: hierarchy('below'),
  },
};

/** `system` is undefined where any will do and '' where there must be none; `code` is '' for any code of the system. */
export function splitToken(param: string, text: string): { system: string | undefined; code: string } {
  const [first = '', second, ...more] = splitEscaped(text, '|').map(unescapeValue);
  if (more.length > 0) throw badValue(param, 'a token has the form [system|]code');
  if (second === undefined) return { system: undefined, code: first };
  if (first === '' && second === '') throw badValue(param, 'system and code are both empty');
  return { system: first, code: second };
}

function hierarchy(relation: 'above' | 'below'): ParseValue {
  return (param, text) => {
    const parts = splitEscaped(text, '|').map(unescapeValue);
    if (parts.length !== 2 || parts.includes(''))
      throw badValue(param, `:${relation} on a token has the form system|code`);
    return { kind: 'codes', param, relation, of: parts.join('|') };
  };
}

function addToken(param: string, system: string, code: string, sink: IndexSink): void {
  sink.key(tokenCodeKey(param, code));
  sink.key(tokenKey(param, system, code));
  if (system !== '') sink.key(tokenSystemKey(param, system));
}

function addLabel(param: string, text: unknown, sink: IndexSink): void {
  if (typeof text === 'string') sink.label(param, text);
}

/** Identifier.type: its codings for `:of-type`, its text for `:text`. */
function addTypedIdentifier(param: string, type: Element, value: string, sink: IndexSink): void {
  addLabel(param, type['text'], sink);
  for (const coding of list(type['coding'])) {
    if (!isElement(coding)) continue;
    const { system, code } = coding;
    if (typeof system === 'string' && typeof code === 'string')
      sink.key(typedIdentifierKey(param, system, code, value));
  }
}
