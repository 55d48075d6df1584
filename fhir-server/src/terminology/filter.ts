/** Filters of a value set's include: https://hl7.org/fhir/R4/valueset-filter-operator.html */
import type { CodeSystemConcept, ValueSetComposeIncludeFilter } from '@medplum/fhirtypes';
import { badRequest, notSupported } from '../fhir/outcome.ts';
import { type Concepts, propertyValue, withAncestors, withDescendants } from './concepts.ts';
import { linearRegex } from './linear-regex.ts';

/** Names by which filters mean the concept itself. */
const ITSELF = new Set(['concept', 'code']);

/** The codes of the system that pass. Throws 400 for what is not supported or not well formed. */
export function filterConcepts(concepts: Concepts, filter: ValueSetComposeIncludeFilter): Set<string> {
  const { property, value } = filter;
  const op: string = filter.op;
  switch (op) {
    case 'is-a':
      return hierarchy(concepts, filter, withDescendants);
    case 'descendent-of':
    // Later versions of FHIR mend the spelling.
    case 'descendant-of':
      return without(hierarchy(concepts, filter, withDescendants), new Set([value]));
    case 'is-not-a':
      return without(new Set(concepts.byCode.keys()), hierarchy(concepts, filter, withDescendants));
    case 'generalizes':
      return hierarchy(concepts, filter, withAncestors);
    case '=':
      return select(concepts, property, (values) => values.includes(value));
    case 'in': {
      const wanted = commaSeparated(value);
      return select(concepts, property, (values) => values.some((v) => wanted.has(v)));
    }
    case 'not-in': {
      const unwanted = commaSeparated(value);
      return select(concepts, property, (values) => !values.some((v) => unwanted.has(v)));
    }
    case 'exists':
      if (value !== 'true' && value !== 'false')
        throw badRequest(`The filter exists of a value set has the value ${value}, not true or false`);
      return select(concepts, property, (values) => values.length > 0 === (value === 'true'));
    case 'regex': {
      const matches = linearRegex(value);
      return select(concepts, property, (values) => values.some(matches));
    }
    default:
      throw notSupported(`The filter ${op} of value sets is not supported`);
  }
}

const without = (codes: ReadonlySet<string>, unwanted: ReadonlySet<string>): Set<string> =>
  new Set([...codes].filter((code) => !unwanted.has(code)));

const commaSeparated = (value: string): Set<string> => new Set(value.split(',').map((v) => v.trim()));

/** Codes that the code system does not have itself are left out, though its properties name them. */
function hierarchy(
  concepts: Concepts,
  { op, property, value }: ValueSetComposeIncludeFilter,
  reach: (concepts: Concepts, code: string) => Set<string>,
): Set<string> {
  if (!ITSELF.has(property))
    throw notSupported(`The filter ${op} of value sets is supported on concept, not on ${property}`);
  return new Set([...reach(concepts, value)].filter((code) => concepts.byCode.has(code)));
}

function select(
  concepts: Concepts,
  property: string,
  passes: (values: readonly string[]) => boolean,
): Set<string> {
  const passing = [...concepts.byCode].filter(([, concept]) => passes(valuesOf(concepts, concept, property)));
  return new Set(passing.map(([code]) => code));
}

function valuesOf(concepts: Concepts, concept: CodeSystemConcept, property: string): readonly string[] {
  if (ITSELF.has(property)) return [concept.code];
  if (property === 'parent') return [...(concepts.parents.get(concept.code) ?? [])];
  if (property === 'child') return [...(concepts.children.get(concept.code) ?? [])];
  if (property === 'display') return concept.display === undefined ? [] : [concept.display];
  if (property === 'definition') return concept.definition === undefined ? [] : [concept.definition];
  return (concept.property ?? []).filter((p) => p.code === property).map(propertyValue);
}
