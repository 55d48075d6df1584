/** The functions that find index values in resources of one type: one for each parameter that keeps values of its own. */
import type { LinkName } from './expression.ts';
import { compileFhirPath, type Selector } from './fhirpath-compile.ts';
import { fallbackSelector } from './fhirpath-fallback.ts';
import { narrowerParts } from './composite-part.ts';
import { expressionParts } from './expression-parts.ts';
import { isSimpleType, type SimpleType } from './parameter/index.ts';
import type { SearchParameterRegistry, SupportedParameter } from './search-parameter-registry.ts';
import { tokenDatatype } from './token-datatype.ts';

/** How one parameter's values are found in resources of one type. */
export interface Extractor {
  readonly parameter: SupportedParameter;
  readonly select: Selector;
  /** Whether the `fhirpath` library evaluates it. */
  readonly fallback: boolean;
  /** Whether its references put the resource in a Patient compartment. */
  readonly compartment: boolean;
  /** The link column that its references to that type fill. */
  readonly link?: LinkName | undefined;
  /** Whether every resource of the type has a value, so that none needs to be marked. */
  readonly required: boolean;
  /** Whether tokens are text, compared without regard to case. */
  readonly isText: boolean;
  /** What composites take of the values; resources with others only get the key. */
  readonly apart?: readonly { readonly key: string; readonly select: Selector }[] | undefined;
  /** Of composites: the parts of each selected element. */
  readonly parts?: readonly CompositePart[];
}

export interface CompositePart {
  readonly type: SimpleType;
  readonly select: Selector;
  /** Whether the part is looked for in the whole resource and not in the element. */
  readonly ofResource: boolean;
  readonly isText: boolean;
}

/** Searched by their own columns, not by index values. */
const BY_COLUMN = new Set(['_id', '_lastUpdated']);

export function compileExtractors(
  resourceType: string,
  registry: SearchParameterRegistry,
  compartment: readonly string[],
): Extractor[] {
  const joins = new Set(compartment);
  for (const code of compartment) {
    const form = registry.form(resourceType, code);
    if (form.kind === 'narrowed') joins.add(form.of);
  }
  const apart = narrowerParts(resourceType, registry);
  return registry.list(resourceType).flatMap((parameter) => {
    if (BY_COLUMN.has(parameter.code)) return [];
    const form = registry.form(resourceType, parameter.code);
    const isKept = form.kind === 'own' || (form.kind === 'elements' && form.param === parameter.code);
    const own = form.kind === 'alternatives' && form.of.some((f) => f.kind === 'elements' && f.param === parameter.code); // prettier-ignore
    if (!isKept && !own) return [];
    const found = selector(elementExpression(parameter, resourceType), resourceType);
    const { fallback } = found;
    const select = registry.isCustom(parameter) ? forgiving(found.select) : found.select;
    return [
      {
        parameter,
        select,
        fallback,
        compartment: joins.has(parameter.code),
        required: form.kind === 'own' && form.required === true,
        isText: tokenDatatype(parameter, resourceType).isText,
        ...(form.kind === 'own' && form.link ? { link: form.link } : {}),
        apart: apart.get(parameter.code)?.map(({ key, expression }) => ({
          key,
          select: selector(expression, resourceType).select,
        })),
        ...(parameter.type === 'composite' ? { parts: compileParts(parameter, resourceType, registry) } : {}),
      },
    ];
  });
}

/** Of a composite with alternatives only those that are elements, not the resource itself. */
function elementExpression(parameter: SupportedParameter, resourceType: string): string {
  const expression = parameter.expression ?? '{}';
  if (parameter.type !== 'composite') return expression;
  return (
    expressionParts(expression, resourceType)
      .filter((part) => part !== resourceType)
      .join(' | ') || expression
  );
}

function selector(expression: string, resourceType: string): { select: Selector; fallback: boolean } {
  const compiled = compileFhirPath(expression, resourceType);
  return { select: compiled ?? fallbackSelector(expression), fallback: compiled === undefined };
}

/** FHIRPath may fail on one resource's content, as `single()` does: that must not keep the resource from being written. */
function forgiving(select: Selector): Selector {
  return (input) => {
    try {
      return select(input);
    } catch {
      return [];
    }
  };
}

function compileParts(
  parameter: SupportedParameter,
  resourceType: string,
  registry: SearchParameterRegistry,
): CompositePart[] {
  return (parameter.component ?? []).map(({ definition, expression }) => {
    const found = registry.byUrl(definition);
    const type = found?.type ?? 'token';
    const own = registry.get(resourceType, found?.code ?? '');
    const ofResource = expression.startsWith('%resource.');
    const { select } = selector(expression.replace(/^%resource\./, ''), resourceType);
    return {
      type: isSimpleType(type) ? type : 'token',
      select: registry.isCustom(parameter) ? forgiving(select) : select,
      ofResource,
      isText: own !== undefined && tokenDatatype(own, resourceType).isText,
    };
  });
}
