/** `_sort`. https://hl7.org/fhir/R4/search.html#sort */
import { notSupported } from '../fhir/outcome.ts';
import { checkReady, type FilterContext, seekParameter } from './filter-context.ts';
import { jsonPaths } from './json-path.ts';
import { isSimpleType, PARAMETER_TYPES } from './parameter/index.ts';
import type { SupportedParameter } from './search-parameter-registry.ts';
import type { SortKey } from './search-request.ts';
import { badValue } from './search-value.ts';

type Context = Pick<FilterContext, 'registry' | 'isHidden'>;

/** Sort keys of one request; each costs an expression in the SQL. */
const SORT_KEYS_MAX = 10;

/** Throws FhirError 400 for unknown parameters, and for composites, which have no order. */
export function parseSort(value: string, resourceType: string, context: Context): SortKey[] {
  const names = value.split(',');
  if (names.length > SORT_KEYS_MAX) throw badValue('_sort', `more than ${SORT_KEYS_MAX} keys`);
  return names.map((name) => {
    const descending = name.startsWith('-');
    const param = descending ? name.slice(1) : name;
    return { ...sortKey(param, resourceType, context), descending };
  });
}

function sortKey(param: string, resourceType: string, context: Context): Omit<SortKey, 'descending'> {
  if (param === '_id') return { param, type: 'id' };
  if (param === '_lastUpdated') return { param, type: 'lastUpdated' };
  const { registry } = context;
  const parameter = seekParameter(resourceType, param, context);
  if (!parameter) throw badValue('_sort', `${resourceType} has no such search parameter`);
  checkReady(resourceType, param, { registry });
  if (!isSimpleType(parameter.type) || parameter.type === 'special') throw unsortable(parameter);
  const { store } = PARAMETER_TYPES[parameter.type];
  const form = registry.form(resourceType, param);
  if (store !== 'key') return { param, type: store, of: form.kind === 'union' ? form.of : [param] };
  const paths = jsonPaths(parameter.expression ?? '', resourceType);
  if (paths === undefined) throw unsortable(parameter);
  return { param, type: 'path', paths };
}

const unsortable = ({ code, type }: SupportedParameter) =>
  notSupported(`Parameter _sort: sorting by ${code}, a ${type}, is not supported.`, '_sort');
