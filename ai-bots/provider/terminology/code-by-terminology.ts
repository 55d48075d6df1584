/**
 * Codes for terms that have none yet, from the code systems of a FHIR server: only where exactly one concept has the term
 * as its display or a designation. https://hl7.org/fhir/R4/valueset-operation-expand.html
 */
import type { Parameters, ValueSet, ValueSetComposeIncludeFilter } from '@medplum/fhirtypes';
import type { ClinicalEntity } from '../../clinical/index.ts';

type Concept = ClinicalEntity['concepts'][number];

/** `POST ValueSet/$expand` with these; undefined when the server does not have the code system (404, 422). */
export type AskTerminology = (parameters: Parameters) => Promise<ValueSet | undefined>;

interface CodeSystem {
  readonly system: string;
  readonly categories: readonly ClinicalEntity['category'][];
  /** Which of its concepts may be given. */
  readonly filter?: ValueSetComposeIncludeFilter[];
}

/** The first that has the term gives the first code. */
const SYSTEMS: readonly CodeSystem[] = [
  {
    system: 'http://hl7.org/fhir/sid/icd-10-cm',
    categories: ['MEDICAL_CONDITION'],
    // "E11" is a heading of "E11.9", and no diagnosis.
    filter: [{ property: 'billable', op: '=', value: 'true' }],
  },
  {
    system: 'http://www.nlm.nih.gov/research/umls/rxnorm',
    categories: ['MEDICATION'],
  },
  {
    system: 'http://snomed.info/sct',
    categories: ['MEDICAL_CONDITION', 'TEST_TREATMENT_PROCEDURE'],
  },
];
/** A term that is found more often than this is no exact one. */
const COUNT = 50;
/** Denied or supposed, an entity becomes no finding and needs no code. */
const EXCLUDED: readonly string[] = ['NEGATION', 'HYPOTHETICAL', 'LOW_CONFIDENCE'];

/** The same entities in the same order. A code system that is not there is asked once. */
export async function codeByTerminology(
  entities: readonly ClinicalEntity[],
  ask: AskTerminology,
): Promise<ClinicalEntity[]> {
  const missing = new Set<string>();
  const known = new Map<string, readonly Concept[]>();
  const coded: ClinicalEntity[] = [];
  for (const entity of entities) {
    if (!isOpen(entity)) {
      coded.push(entity);
      continue;
    }
    const key = `${entity.category} ${normal(entity.text)}`;
    const concepts = known.get(key) ?? (await conceptsOf(entity, ask, missing));
    known.set(key, concepts);
    coded.push(concepts.length === 0 ? entity : { ...entity, concepts });
  }
  return coded;
}

async function conceptsOf(
  { category, text }: ClinicalEntity,
  ask: AskTerminology,
  missing: Set<string>,
): Promise<readonly Concept[]> {
  const concepts: Concept[] = [];
  const systems = SYSTEMS.filter((s) => s.categories.includes(category) && !missing.has(s.system));
  for (const codeSystem of systems) {
    const expansion = await ask(parametersOf(codeSystem, normal(text)));
    if (expansion === undefined) missing.add(codeSystem.system);
    else concepts.push(...exactMatch(expansion, codeSystem.system, normal(text)));
  }
  return concepts;
}

const parametersOf = ({ system, filter }: CodeSystem, term: string): Parameters => ({
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'valueSet',
      resource: {
        resourceType: 'ValueSet',
        status: 'active',
        compose: { include: [{ system, ...(filter === undefined ? {} : { filter }) }] },
      },
    },
    { name: 'filter', valueString: term },
    { name: 'count', valueInteger: COUNT },
    { name: 'activeOnly', valueBoolean: true },
    { name: 'includeDesignations', valueBoolean: true },
  ],
});

/** Two concepts of the same name are none. */
function exactMatch({ expansion }: ValueSet, system: string, term: string): Concept[] {
  const matches = (expansion?.contains ?? []).filter(
    ({ display, designation, abstract, inactive, code }) =>
      abstract !== true &&
      inactive !== true &&
      code !== undefined &&
      [display, ...(designation ?? []).map(({ value }) => value)].some(
        (name) => name !== undefined && normal(name) === term,
      ),
  );
  const [only, ...others] = new Map(matches.map((m) => [m.code, m])).values();
  if (only?.code === undefined || others.length > 0) return [];
  return [{ system, code: only.code, display: only.display ?? term }];
}

const isOpen = ({ concepts, traits }: ClinicalEntity): boolean =>
  concepts.length === 0 && !traits.some(({ name }) => EXCLUDED.includes(name));

/** SNOMED CT's fully specified names end with what kind of concept they are. */
const normal = (text: string): string =>
  text
    .toLowerCase()
    .replace(/\s*\((?:disorder|finding|procedure|morphologic abnormality|situation|substance|product)\)$/, '')
    .replace(/\s+/g, ' ')
    .trim();
