/** The small part of FHIRPath that discriminators may use. https://hl7.org/fhir/R4/profiling.html#discriminator */
import { structure } from '../../fhir/definitions/index.ts';
import { DefinitionError } from './element-tree.ts';
import { collect, parentOf, type Item } from './item.ts';
import { referencedType } from './reference.ts';
import { isObject, type Run } from './run.ts';

export type Step =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'extension'; readonly url: string }
  | { readonly kind: 'type'; readonly type: string }
  | { readonly kind: 'resolve' };

const STEP =
  /^(?:\$this|resolve\(\)|(?:ofType|as)\(\s*(?:FHIR\.)?([A-Za-z]+)\s*\)|extension\(\s*'([^']*)'\s*\)|([A-Za-z]\w*)(\[x\])?)(?:\.|$)/;

/** Throws DefinitionError for what is none of these. */
export function parseSteps(path: string): Step[] {
  const steps: Step[] = [];
  for (let rest = path.trim(); rest !== '';) {
    const found = STEP.exec(rest);
    if (found === null || steps.length > 30)
      throw new DefinitionError(
        'The path of a discriminator is not supported',
        'StructureDefinition.snapshot.element',
      );
    const [whole, type, url, name] = found;
    if (type !== undefined) steps.push({ kind: 'type', type });
    else if (url !== undefined) steps.push({ kind: 'extension', url });
    else if (name !== undefined) steps.push({ kind: 'member', name });
    else if (whole.startsWith('resolve')) steps.push({ kind: 'resolve' });
    rest = rest.slice(whole.length);
  }
  return steps;
}

export function selectItems(item: Item, steps: readonly Step[], run: Run): Item[] {
  let items = [item];
  for (const step of steps) {
    if (items.length === 0) return items;
    items = items.flatMap((one) => stepInto(one, step, run));
  }
  return items;
}

function stepInto(item: Item, step: Step, run: Run): Item[] {
  switch (step.kind) {
    case 'member': {
      const parent = parentOf(item);
      const plain = collect(parent, step.name);
      return plain.length > 0 ? plain : choices(parent, step.name);
    }
    case 'extension':
      return collect(parentOf(item), 'extension').filter(
        ({ value }) => isObject(value) && value['url'] === step.url,
      );
    case 'type':
      return (item.type ?? (isObject(item.value) ? item.value['resourceType'] : undefined)) === step.type
        ? [item]
        : [];
    case 'resolve': {
      const reference = isObject(item.value) ? item.value['reference'] : item.value;
      const found = typeof reference === 'string' ? run.resolve(reference) : undefined;
      const type = (found?.['resourceType'] as string | undefined) ?? referencedType(item.value);
      return [{ value: found, beside: undefined, ...(type === undefined ? {} : { type }) }];
    }
  }
}

/** `value` → `valueQuantity`. */
function choices(parent: Readonly<Record<string, unknown>>, name: string): Item[] {
  for (const member of Object.keys(parent)) {
    if (!member.startsWith(name)) continue;
    const suffix = member.slice(name.length);
    const lower = suffix.charAt(0).toLowerCase() + suffix.slice(1);
    const type = structure(suffix) === undefined ? lower : suffix;
    if (structure(type) !== undefined) return collect(parent, name, new Map([[suffix, type]]));
  }
  return [];
}
