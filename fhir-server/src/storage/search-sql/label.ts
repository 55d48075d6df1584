/**
 * Search by the beginning of a display or uri. Each distinct label of a type's parameter stands once in fhir.label with
 * the key that resources carry, so that the rows of resources need no text of their own.
 */
import type { Expression } from '../../search/index.ts';
import { prefixSql } from './string.ts';

type Bind = (value: unknown, type: string) => string;

export const compileLabel = (
  { param, value }: Expression & { kind: 'label' },
  resourceType: string,
  alias: string,
  bind: Bind,
): string => labelled(param, resourceType, alias, bind, prefixSql('l.value', value, bind));

export function compilePath(
  { param, value }: Expression & { kind: 'path' },
  resourceType: string,
  alias: string,
  bind: Bind,
): string {
  const itself = `l.value = ${bind(value, 'text')}`;
  const folder = value.endsWith('/') ? value : `${value}/`;
  return labelled(param, resourceType, alias, bind, `(${itself} or (${prefixSql('l.value', folder, bind)}))`);
}

function labelled(param: string, resourceType: string, alias: string, bind: Bind, condition: string): string {
  const ofParam = `l.resource_type = ${bind(resourceType, 'text')} and l.param = ${bind(param, 'text')}`;
  return `${alias}.keys && (select coalesce(array_agg(l.key), '{}') from fhir.label l where ${ofParam} and ${condition})`;
}
