/** The order of `_sort`: https://hl7.org/fhir/R4/search.html#sort */
import type { Resource, SearchParameter } from '@medplum/fhirtypes';
import { storedDates } from './date.ts';
import { parameterOf, select } from './select.ts';
import { normalise, texts } from './string.ts';

type Key = number | string;

/** A resource's values of a date, number or string. */
function keys(resource: Resource, parameter: SearchParameter, descending: boolean): Key[] {
  const nodes = select(resource, parameter);
  if (parameter.type === 'date')
    return nodes.flatMap(storedDates).map((range) => (descending ? range.high : range.low));
  if (parameter.type === 'string') return nodes.flatMap(texts).map(normalise);
  return nodes.map((node) => node.value).filter((v) => typeof v === 'number' || typeof v === 'string');
}

const compare = (a: Key, b: Key): number => (a < b ? -1 : a > b ? 1 : 0);

/** Of several values the one that comes first in the direction counts; undefined where there is none. */
function first(resource: Resource, code: string, descending: boolean): Key | undefined {
  if (code === '_id') return resource.id!;
  const parameter = parameterOf(resource.resourceType, code);
  if (parameter === undefined) throw new Error(`cannot sort by ${code}`);
  return keys(resource, parameter, descending).sort((a, b) =>
    descending ? compare(b, a) : compare(a, b),
  )[0];
}

/** By `date,-name`; those without a value come last in both directions, ties go by id. */
export function sorted(resources: readonly Resource[], sort: string): Resource[] {
  const codes = sort.split(',').filter((code) => code !== '');
  return resources.toSorted((a, b) => {
    for (const code of codes) {
      const descending = code.startsWith('-');
      const [x, y] = [a, b].map((r) => first(r, code.replace(/^-/, ''), descending));
      if (x === undefined && y === undefined) continue;
      if (x === undefined || y === undefined) return x === undefined ? 1 : -1;
      if (x !== y) return descending ? compare(y, x) : compare(x, y);
    }
    return compare(a.id!, b.id!);
  });
}
