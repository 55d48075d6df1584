/** The supported search parameter types by their code. https://hl7.org/fhir/R4/valueset-search-param-type.html */
import { date } from './date.ts';
import { number } from './number.ts';
import type { ParameterType } from './parameter-type.ts';
import { quantity } from './quantity.ts';
import { reference } from './reference.ts';
import { string } from './string.ts';
import { token } from './token.ts';
import { uri } from './uri.ts';

export const PARAMETER_TYPES = {
  date,
  number,
  quantity,
  reference,
  string,
  token,
  uri,
} as const satisfies Record<string, ParameterType>;

export type SupportedType = keyof typeof PARAMETER_TYPES;

export const isSupportedType = (type: string): type is SupportedType => Object.hasOwn(PARAMETER_TYPES, type);
