/** Tokens by system and code, as the datatype of the elements takes them. https://hl7.org/fhir/R4/search.html#token */
import { type CodeQuery, type Expression, NONE } from './expression.ts';
import { tokenCodeKey, tokenKey, tokenSystemKey } from './index-row.ts';
import { splitToken } from './parameter/token.ts';
import { presence } from './presence.ts';
import type { SearchParameterRegistry } from './search-parameter-registry.ts';
import { type ImplicitSystems, type TokenDatatype, tokenDatatype } from './token-datatype.ts';

/** `present` is what all fulfil that have any token. Throws FhirError 400. */
export function parseToken(
  param: string,
  { isText, implicit }: TokenDatatype,
  text: string,
  present: () => Expression,
): Expression {
  const token = splitToken(param, text);
  const { system } = token;
  const code = isText ? token.code.toLowerCase() : token.code;
  if (system === undefined) return { kind: 'key', keys: [tokenCodeKey(param, code)] };
  return code === ''
    ? anyOfSystem(param, implicit, system, present)
    : codeOfSystem(param, implicit, system, code);
}

export interface TokensBySystem {
  code(system: string, code: string): Expression;
  any(system: string): Expression;
  /** Those of the codes that a query finds. */
  found(system: string, codes: CodeQuery): Expression;
}

/** For codes of value sets and hierarchies, which have a system even where the elements do not say it. */
export function tokensBySystem(
  registry: SearchParameterRegistry,
  resourceType: string,
  param: string,
): TokensBySystem {
  const parameter = registry.get(resourceType, param);
  const implicit = parameter && tokenDatatype(parameter, resourceType).implicit;
  const present = (): Expression => (parameter ? presence(parameter, resourceType, registry) : NONE);
  return {
    code: (system, code) => codeOfSystem(param, implicit, system, code),
    any: (system) => anyOfSystem(param, implicit, system, present),
    found(system, codes) {
      // Elements that leave the system out are indexed without it.
      if (implicit !== undefined && !implicit.has(system)) return NONE;
      if (implicit !== undefined) return { kind: 'tokens', prefix: tokenKey(param, '', ''), codes };
      const among = tokenSystemKey(param, system);
      return { kind: 'tokens', among, prefix: tokenKey(param, system, ''), codes };
    },
  };
}

/** Tokens of a parameter that have this system and code. */
function codeOfSystem(
  param: string,
  implicit: ImplicitSystems | undefined,
  system: string,
  code: string,
): Expression {
  const key = (of: string): Expression => ({ kind: 'key', keys: [tokenKey(param, of, code)] });
  if (implicit === undefined || system === '') return key(system);
  const codes = implicit.get(system);
  return codes === 'all' || codes?.has(code) === true ? key('') : NONE;
}

/** Any token of the system. */
function anyOfSystem(
  param: string,
  implicit: ImplicitSystems | undefined,
  system: string,
  present: () => Expression,
): Expression {
  if (implicit === undefined) return { kind: 'key', keys: [tokenSystemKey(param, system)] };
  const codes = implicit.get(system);
  if (codes === 'all') return present();
  return codes === undefined
    ? NONE
    : { kind: 'key', keys: [...codes].map((code) => tokenKey(param, '', code)) };
}
