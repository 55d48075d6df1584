/** `_include` and `_revinclude`. https://hl7.org/fhir/R4/search.html#revinclude */
import { isResourceType } from '../fhir/definitions/index.ts';
import { notSupported } from '../fhir/outcome.ts';
import { checkReady, type FilterContext, seekParameter } from './filter-context.ts';
import type { Include } from './search-request.ts';
import { badValue } from './search-value.ts';

/** Throws FhirError 400 when the value is no `Type:parameter[:target]`, or names what does not exist. */
export function parseInclude(
  name: string,
  value: string,
  context: Pick<FilterContext, 'registry' | 'isHidden'>,
): Include {
  const [base = '', modifier, ...more] = name.split(':');
  // `:recurse` is the name that `:iterate` had before R4.
  if (more.length > 0 || (modifier !== undefined && modifier !== 'iterate' && modifier !== 'recurse'))
    throw notSupported(`Parameter ${base} has the modifier :iterate only.`, base);
  const iterate = modifier !== undefined;
  if (value === '*') {
    if (base === '_revinclude') throw badValue(base, 'needs a type, as in Observation:*');
    return { sourceType: '*', param: '*', iterate };
  }
  const [sourceType = '', param = '', targetType, ...rest] = value.split(':');
  if (!isResourceType(sourceType) || param === '' || rest.length > 0)
    throw badValue(base, 'must have the form Type:parameter or Type:parameter:target');
  checkReady(sourceType, param, context);
  if (param !== '*') checkParameter(base, sourceType, param, context);
  if (targetType === undefined || targetType === '') return { sourceType, param, iterate };
  if (!isResourceType(targetType)) throw badValue(base, 'the target is not a resource type');
  return { sourceType, param, targetType, iterate };
}

function checkParameter(
  base: string,
  sourceType: string,
  param: string,
  context: Pick<FilterContext, 'registry' | 'isHidden'>,
): void {
  const parameter = seekParameter(sourceType, param, context);
  if (!parameter) throw badValue(base, `${sourceType} has no such search parameter`);
  if (parameter.type !== 'reference') throw badValue(base, `${parameter.code} is not a reference`);
}
