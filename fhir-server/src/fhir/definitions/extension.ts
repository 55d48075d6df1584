/** Extensions as their StructureDefinitions have them: where they may stand and what they hold. https://hl7.org/fhir/R4/defining-extensions.html */
import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';

export interface ExtensionDefinition extends ExtensionContent {
  readonly url: string;
  /** Types and paths of the elements that may have it: `Patient`, `HumanName.family`, `Element`. */
  readonly contexts: readonly string[];
  /** Extensions that may have it, by url. */
  readonly inExtensions?: readonly string[];
  readonly isModifier?: true;
}

export interface ExtensionContent {
  readonly min: number;
  /** `*` or a number. */
  readonly max: string;
  /** Types that the value may have; empty where there are extensions instead. */
  readonly types: readonly string[];
  /** Extensions inside, by their relative url; absent where there can be none. */
  readonly parts?: Readonly<Record<string, ExtensionContent>>;
}

type Element = Pick<ElementDefinition, 'id' | 'path' | 'sliceName' | 'min' | 'max' | 'type' | 'isModifier'>;

/** Undefined for a StructureDefinition that is no Extension, or has no snapshot. */
export function compactExtension(full: StructureDefinition): ExtensionDefinition | undefined {
  const elements: readonly Element[] | undefined = full.snapshot?.element;
  if (full.type !== 'Extension' || full.url === undefined || elements === undefined) return undefined;
  const contexts = full.context ?? [];
  const inExtensions = contexts.flatMap((c) => (c.type === 'extension' ? (c.expression ?? []) : []));
  return {
    url: full.url,
    contexts: contexts.flatMap((c) => (c.type === 'element' ? plainPath(c.expression ?? '') : [])),
    ...(inExtensions.length === 0 ? {} : { inExtensions }),
    ...(elements[0]?.isModifier === true ? { isModifier: true as const } : {}),
    ...content(elements, 'Extension'),
  };
}

/** The path under which an element is defined: those of recursive elements and of ElementDefinition. */
const plainPath = (path: string): string =>
  path
    .replace(/^StructureDefinition\.(?:snapshot|differential)\.element/, 'ElementDefinition')
    .replace(/\[x\]$/, '')
    .replace(/^(.*\.([a-z][A-Za-z]*))\.\2$/, '$1');

function content(elements: readonly Element[], id: string): ExtensionContent {
  const own = elements.find((e) => e.id === id);
  const value = elements.find((e) => e.id?.startsWith(`${id}.value`) === true && !e.id.slice(id.length + 1).includes('.')); // prettier-ignore
  const slices = elements.filter(
    (e) => e.sliceName !== undefined && e.id === `${id}.extension:${e.sliceName}` && e.max !== '0',
  );
  const isClosed = elements.find((e) => e.id === `${id}.extension`)?.max === '0';
  const parts = slices.map((e) => [e.sliceName!, content(elements, e.id!)] as const);
  return {
    min: own?.min ?? 0,
    max: own?.max ?? '*',
    types: value === undefined || value.max === '0' ? [] : (value.type ?? []).map((t) => t.code ?? ''),
    ...(isClosed || parts.length === 0 ? {} : { parts: Object.fromEntries(parts) }),
  };
}
