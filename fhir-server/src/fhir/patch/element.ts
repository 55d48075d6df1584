/** Elements below a path of the definitions, by the names that patches use. https://hl7.org/fhir/R4/elementdefinition.html */
import { type ElementDefinition, structure } from '../definitions/index.ts';

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The element `name` below a definition's path, by its own name or that of a choice: `valueQuantity`. */
export function childOf(path: string, name: string): ElementDefinition | undefined {
  const elements = structure(path.split('.')[0] ?? '')?.elements ?? [];
  const own = elements.find((e) => e.path === path);
  const parent = own?.contentReference ?? path;
  return elements.find(
    (e) =>
      e.path === `${parent}.${name}` ||
      e.path === `${parent}.${name}[x]` ||
      (e.path.startsWith(`${parent}.`) &&
        e.path.endsWith('[x]') &&
        e.types.some((t) => `${e.path.slice(parent.length + 1, -3)}${capital(t.code)}` === name)),
  );
}
