/** Search in memory: tokens with `:not`, references, dates with prefixes, `_sort`, `_count`, `_include`. No chains, no pages. */
import type { Bundle, Resource } from '@medplum/fhirtypes';
import type { SearchParams } from '../../runtime/fhir-api.ts';
import { knownParameter, type KnownParameter } from './search-parameters.ts';
import { spanOf, tokensOf, valuesAt } from './stored-values.ts';

const IGNORED = ['_count', '_sort', '_include', '_include:iterate', '_elements', '_total'];

/** Throws an Error in words for what it cannot do. @param all the current version of everything that is stored */
export function searchMemory(
  all: readonly Resource[],
  type: string,
  params: SearchParams,
  includesMax = Infinity,
): Bundle {
  const conditions = Object.entries(params).filter(([name]) => !IGNORED.includes(name));
  const found = all.filter(
    (resource) =>
      resource.resourceType === type &&
      conditions.every(([name, values]) => [values].flat().every((value) => fits(resource, name, value))),
  );
  const sorted = sort(found, type, params['_sort']);
  const count = Number([params['_count'] ?? '1000'].flat()[0]);
  const matches = sorted.slice(0, count);
  const included = includes(all, matches, params).slice(0, includesMax);
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    entry: [
      ...matches.map((resource) => ({ resource, search: { mode: 'match' as const } })),
      ...included.map((resource) => ({ resource, search: { mode: 'include' as const } })),
    ],
  };
}

function fits(resource: Resource, name: string, text: string): boolean {
  const [parameter = '', modifier] = name.split(':');
  const known = knownParameter(resource.resourceType, parameter);
  if (modifier !== undefined && !(modifier === 'not' && known.kind === 'token'))
    throw new Error(`the FHIR API in memory does not know the modifier of ${name}`);
  const values = known.paths.flatMap((path) => valuesAt(resource, path));
  const isFound = text.split(',').some((wanted) => values.some((value) => equals(known, value, wanted)));
  return modifier === 'not' ? !isFound : isFound;
}

function equals(known: KnownParameter, value: unknown, wanted: string): boolean {
  if (known.kind === 'date') return dateFits(value, wanted);
  if (known.kind === 'reference') return referenceFits(known, value, wanted);
  const [first = '', second] = wanted.split('|');
  return tokensOf(value).some(({ system, code }) => {
    if (second === undefined) return code === first;
    return (system ?? '') === first && (second === '' || code === second);
  });
}

function referenceFits(known: KnownParameter, value: unknown, wanted: string): boolean {
  const reference = (value as { reference?: string }).reference ?? '';
  if (known.target !== undefined && !reference.startsWith(`${known.target}/`)) return false;
  return reference === wanted || reference.split('/')[1] === wanted;
}

function dateFits(value: unknown, wanted: string): boolean {
  const [, prefix = '', text = ''] = /^(eq|lt|le|gt|ge)?(.*)$/.exec(wanted) ?? [];
  const [stored, asked] = [spanOf(value), spanOf(text)];
  if (asked === undefined) throw new Error(`the FHIR API in memory does not know the date ${wanted}`);
  if (stored === undefined) return false;
  switch (prefix) {
    case 'lt':
      return stored.start < asked.start;
    case 'le':
      return stored.start < asked.end;
    case 'gt':
      return stored.end > asked.end;
    case 'ge':
      return stored.end > asked.start;
    default:
      return stored.start >= asked.start && stored.end <= asked.end;
  }
}

function sort(
  found: readonly Resource[],
  type: string,
  keys: string | readonly string[] | undefined,
): Resource[] {
  const [key] = [keys ?? []].flat().flatMap((text) => text.split(','));
  if (key === undefined) return [...found];
  const known = knownParameter(type, key.replace(/^-/, ''));
  const valueOf = (resource: Resource): string | number | undefined => {
    const [value] = known.paths.flatMap((path) => valuesAt(resource, path));
    return known.kind === 'date' ? spanOf(value)?.start : (tokensOf(value)[0]?.code ?? undefined);
  };
  const direction = key.startsWith('-') ? -1 : 1;
  // What has no value comes last, in either direction.
  return found.toSorted((a, b) => {
    const [left, right] = [valueOf(a), valueOf(b)];
    if (left === undefined || right === undefined)
      return Number(left === undefined) - Number(right === undefined);
    return left < right ? -direction : left > right ? direction : 0;
  });
}

function includes(all: readonly Resource[], matches: readonly Resource[], params: SearchParams): Resource[] {
  const included: Resource[] = [];
  const follow = (from: readonly Resource[], rule: string): void => {
    const [type = '', parameter = '', target] = rule.split(':');
    const known = knownParameter(type, parameter);
    const references = from
      .filter((resource) => resource.resourceType === type)
      .flatMap((resource) => known.paths.flatMap((path) => valuesAt(resource, path)))
      .map((value) => (value as { reference?: string }).reference ?? '');
    const wanted = references.filter((r) => (target ?? known.target ?? r.split('/')[0]) === r.split('/')[0]);
    for (const resource of all) {
      const name = `${resource.resourceType}/${resource.id ?? ''}`;
      if (wanted.includes(name) && !matches.includes(resource) && !included.includes(resource))
        included.push(resource);
    }
  };
  for (const rule of [params['_include'] ?? []].flat()) follow(matches, rule);
  for (const rule of [params['_include:iterate'] ?? []].flat()) follow([...matches, ...included], rule);
  return included;
}
