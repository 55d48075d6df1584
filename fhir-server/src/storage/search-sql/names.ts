/** Table and column names of the search index; all are quoted, none comes from a request. */
import {
  canonicalParam,
  latitudeOf,
  type LinkName,
  linkParameter,
  LINKS,
  longitudeOf,
  type SearchParameterRegistry,
} from '../../search/index.ts';

export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export const tableName = (resourceType: string, suffix = ''): string =>
  `fhir.${quoteName(`${resourceType}${suffix}`)}`;

export const stringTable = (resourceType: string): string => tableName(resourceType, '_string');

export interface RangeColumns {
  readonly param: string;
  /** Unquoted. Least low of all values, float8. */
  readonly lowColumn: string;
  /** Greatest high of all values, float8. */
  readonly highColumn: string;
  /** All values as `[[low, high, system, code, unit], …]`, jsonb; null when there is a single narrow one (encode-index-row.ts). */
  readonly moreColumn: string;
}

/** `position`: latitudes and longitudes, which are points. */
export type RangeKind = 'date' | 'amount' | 'position';

export const rangeColumnsOf = (param: string): RangeColumns => ({
  param,
  lowColumn: `${param} lo`,
  highColumn: `${param} hi`,
  moreColumn: `${param} more`,
});

/** The columns of a type's table for its date, number, quantity and position parameters, by parameter code. */
export function rangeColumns(
  registry: SearchParameterRegistry,
  resourceType: string,
): (RangeColumns & { readonly kind: RangeKind })[] {
  return registry
    .extractors(resourceType)
    .flatMap(({ parameter: { code, type } }) => {
      if (type === 'date') return columns('date', code);
      if (type === 'number') return columns('amount', code);
      if (type === 'quantity') return columns('amount', code, canonicalParam(code));
      return type === 'special' ? columns('position', latitudeOf(code), longitudeOf(code)) : [];
    })
    .sort((a, b) => (a.param < b.param ? -1 : 1));
}

const columns = (
  kind: RangeKind,
  ...params: readonly string[]
): (RangeColumns & { readonly kind: RangeKind })[] =>
  params.map((param) => ({ ...rangeColumnsOf(param), kind }));

/** The link columns that a type's table has. */
export const linkColumns = (registry: SearchParameterRegistry, resourceType: string): LinkName[] =>
  (Object.keys(LINKS) as LinkName[]).filter((link) => linkParameter(registry, resourceType, link));

/** Whether a type's table keeps rows of the elements of composite parameters. */
export const hasElements = (registry: SearchParameterRegistry, resourceType: string): boolean =>
  registry.extractors(resourceType).some((e) => e.parts !== undefined);

/** By which date a patient's resources of a type are usually listed. */
// A MedicationRequest's `date` are the times to take it.
const MAIN_DATES = ['authoredon', 'date', 'recorded-date', 'created', 'issued', 'effective', 'onset-date'];

/** Code of the date parameter by which a patient's resources are found in order. */
export const mainDate = (registry: SearchParameterRegistry, resourceType: string): string | undefined =>
  MAIN_DATES.find((code) => {
    const parameter = registry.get(resourceType, code);
    const isOwn = rangeColumns(registry, resourceType).some((c) => c.param === code);
    return isOwn && parameter !== undefined && !registry.isCustom(parameter);
  });

/** How rows of a type lead to their Patient. */
export type Belonging = 'self' | 'link' | 'compartment';

export function belongingOf({
  resourceType,
  registry,
}: {
  readonly resourceType: string;
  readonly registry: SearchParameterRegistry;
}): Belonging {
  if (resourceType === 'Patient') return 'self';
  return linkColumns(registry, resourceType).includes('patient') ? 'link' : 'compartment';
}
