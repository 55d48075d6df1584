/** What a differential says of an element, laid over what its base says. https://hl7.org/fhir/R4/elementdefinition.html#interpretation */
import type { ElementDefinition } from '@medplum/fhirtypes';
import type { ElementNode } from './element-tree.ts';

const FIXED = /^(?:fixed|pattern)[A-Z]/;

/** Constraints are added, a value takes the place of another, everything else is overridden. */
export function mergeElement(
  base: ElementDefinition,
  said: ElementDefinition,
  origin: { readonly source?: string },
): ElementDefinition {
  const { id: _id, path: _path, sliceName: _sliceName, constraint = [], ...over } = said;
  const merged: Record<string, unknown> = { ...base };
  if (Object.keys(over).some((name) => FIXED.test(name)))
    for (const name of Object.keys(merged)) if (FIXED.test(name)) delete merged[name];
  Object.assign(merged, over);
  const own = constraint.map((c) => ({ ...origin, ...c }));
  const keys = new Set(own.map((c) => c.key));
  const all = [...(base.constraint ?? []).filter((c) => !keys.has(c.key)), ...own];
  if (all.length > 0) merged['constraint'] = all;
  if (said.binding && base.binding) merged['binding'] = { ...base.binding, ...said.binding };
  if (said.slicing && base.slicing) merged['slicing'] = { ...base.slicing, ...said.slicing };
  return merged as unknown as ElementDefinition;
}

/** A new slice is what it slices, may be left out, and is not sliced itself. */
export function sliceElement({ element, name }: ElementNode, sliceName: string): ElementDefinition {
  const { slicing: _slicing, mustSupport: _mustSupport, ...rest } = element;
  const slice: ElementDefinition = { ...rest, sliceName, min: 0 };
  if (!name.endsWith('[x]')) return slice;
  const suffix = sliceName.slice(name.length - 3);
  const type = (element.type ?? []).filter(
    ({ code = '' }) => sliceName.startsWith(name.slice(0, -3)) && suffix.toLowerCase() === code.toLowerCase(),
  );
  return type.length === 0 ? slice : { ...slice, type };
}
