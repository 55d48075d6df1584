/** The search parameter types by their code. https://hl7.org/fhir/R4/valueset-search-param-type.html */
import { date } from './date.ts';
import { number } from './number.ts';
import type { ParameterType } from './parameter-type.ts';
import { quantity } from './quantity.ts';
import { reference } from './reference.ts';
import { special } from './special.ts';
import { string } from './string.ts';
import { token } from './token.ts';
import { uri } from './uri.ts';

export const PARAMETER_TYPES = {
  date,
  number,
  quantity,
  reference,
  special,
  string,
  token,
  uri,
} as const satisfies Record<string, ParameterType>;

/** Types whose values stand by themselves; a composite is made of parameters of these types. */
export type SimpleType = keyof typeof PARAMETER_TYPES;

export type SupportedType = SimpleType | 'composite';

export const isSimpleType = (type: string): type is SimpleType => Object.hasOwn(PARAMETER_TYPES, type);

export const isSupportedType = (type: string): type is SupportedType =>
  type === 'composite' || isSimpleType(type);
