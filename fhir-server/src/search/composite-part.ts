/** What a component of a composite selects of the parameter that defines it. https://hl7.org/fhir/R4/search.html#composite */
import { expressionParts } from './expression-parts.ts';
import { apartKey } from './index-row.ts';
import type { ParameterForm } from './parameter-form.ts';
import type { SearchParameterRegistry, SupportedParameter } from './search-parameter-registry.ts';

export interface NarrowerPart {
  /** Of resources whose values are all of the definition only. */
  readonly key: string;
  /** FHIRPath of what the component takes, from the resource on. */
  readonly expression: string;
}

/**
 * A composite of whole resources is looked for by the parameters of its components. Where a component says less than its
 * definition, as `value.ofType(string)` does, resources with other values only are marked by a key.
 */
export function narrowerPart(
  definition: SupportedParameter,
  component: string,
  resourceType: string,
): NarrowerPart | undefined {
  const own = component.split('|').map((part) => `${resourceType}.${part.trim()}`);
  const known = new Set(own.map(plain));
  const whole = expressionParts(definition.expression ?? '', resourceType);
  if (whole.every((part) => known.has(plain(part)))) return undefined;
  return { key: apartKey(definition.code, component), expression: own.join(' | ') };
}

/** The standard writes `ofType(DateTime)` once for `ofType(dateTime)`. */
const plain = (expression: string): string => expression.toLowerCase();

/** What marks resources for the standard's composites, by code of the parameter that defines a component. */
export function narrowerParts(
  resourceType: string,
  registry: SearchParameterRegistry,
): ReadonlyMap<string, readonly NarrowerPart[]> {
  const parts = new Map<string, NarrowerPart[]>();
  for (const composite of registry.standard(resourceType).filter((p) => p.type === 'composite')) {
    for (const [i, code] of conjunctionOf(registry.form(resourceType, composite.code)).entries()) {
      const definition = registry.get(resourceType, code);
      const component = composite.component?.[i];
      const part = definition && component && narrowerPart(definition, component.expression, resourceType);
      const before = parts.get(code) ?? [];
      if (part && before.every(({ key }) => key !== part.key)) parts.set(code, [...before, part]);
    }
  }
  return parts;
}

function conjunctionOf(form: ParameterForm): readonly string[] {
  if (form.kind === 'conjunction') return form.of;
  if (form.kind !== 'alternatives') return [];
  return form.of.flatMap((f) => (f.kind === 'conjunction' ? f.of : []));
}
