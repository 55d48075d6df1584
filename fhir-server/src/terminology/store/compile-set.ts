/** What a value set takes of a code system in tables → SQL over one row of its index. Everything from a request is bound. */
import type { ValueSetComposeIncludeFilter } from '@medplum/fhirtypes';
import { badRequest, FhirError, issue, notSupported } from '../../fhir/outcome.ts';
import type { ConceptSet } from '../concept-set.ts';
import { regexSteps } from '../linear-regex.ts';
import { plainFilter } from './plain-filter.ts';
import { detailTable, indexTable } from './table-names.ts';

export interface SetContext {
  /** Of the code system. */
  readonly id: number;
  readonly url: string;
  /** Alias of its index table. */
  readonly alias: string;
  /** Bind values of the statement so far; those of the set are appended. */
  readonly values: unknown[];
}

/** As many parts of an expression as one statement may have. */
const PARTS_MAX = 1_000;

/** Never null. Throws 400 for what is not supported, not well formed or too large. */
export function compileSet(set: ConceptSet, context: SetContext): string {
  const budget = { left: PARTS_MAX };
  return compilePart(set, context, budget);
}

function compilePart(set: ConceptSet, context: SetContext, budget: { left: number }): string {
  if (--budget.left < 0)
    throw new FhirError(400, [
      issue('too-costly', 'The value set is made of too many parts for a code system of this size'),
    ]);
  const { alias, values } = context;
  const inside = (part: ConceptSet): string => compilePart(part, context, budget);
  switch (set.kind) {
    case 'all':
      return 'true';
    case 'active':
      return `not ${alias}.inactive`;
    case 'selectable':
      return `not ${alias}.abstract`;
    case 'codes':
      return `${alias}.code = any($${values.push([...set.codes])}::text[])`;
    case 'filter':
      return compileFilter(set.filter, context);
    case 'and':
      return `(${set.of.map(inside).join(' and ')})`;
    case 'or':
      return `(${set.of.map(inside).join(' or ')})`;
    case 'minus':
      return `(${inside(set.of)} and not ${inside(set.without)})`;
  }
}

/** Names by which filters mean the concept itself. */
const ITSELF = new Set(['concept', 'code']);

/** https://hl7.org/fhir/R4/valueset-filter-operator.html */
function compileFilter(asked: ValueSetComposeIncludeFilter, context: SetContext): string {
  const filter = plainFilter(context.url, asked);
  const { property, value } = filter;
  const { alias, id, values } = context;
  const op: string = filter.op;
  const bind = (bound: unknown, type: string): string => `$${values.push(bound)}::${type}`;
  const hierarchy = (): void => {
    if (!ITSELF.has(property))
      throw notSupported(`The filter ${op} of value sets is supported on concept, not on ${property}`);
  };
  const below = (): string => `${alias}.above && array(select id from ${indexTable(id)} where code = ${bind(value, 'text')})`; // prettier-ignore
  switch (op) {
    case 'is-a':
      hierarchy();
      return below();
    case 'descendent-of':
    case 'descendant-of':
      hierarchy();
      return `(${below()} and ${alias}.code <> ${bind(value, 'text')})`;
    case 'is-not-a':
      hierarchy();
      return `not (${below()})`;
    case 'generalizes':
      hierarchy();
      return `${alias}.id = any(array(select unnest(above) from ${indexTable(id)} where code = ${bind(value, 'text')}))`;
    case '=':
      return oneOf(property, [value], context);
    case 'in':
      return oneOf(property, commaSeparated(value), context);
    case 'not-in':
      return `not ${oneOf(property, commaSeparated(value), context)}`;
    case 'exists':
      if (value !== 'true' && value !== 'false')
        throw badRequest(`The filter exists of a value set has the value ${value}, not true or false`);
      return `${value === 'true' ? '' : 'not '}${exists(property, context)}`;
    case 'regex':
      return matches(property, value, context);
    default:
      throw notSupported(`The filter ${op} of value sets is not supported`);
  }
}

const commaSeparated = (value: string): string[] => value.split(',').map((v) => v.trim());

function oneOf(property: string, wanted: readonly string[], { alias, id, values }: SetContext): string {
  const codes = `any($${values.push(wanted)}::text[])`;
  if (ITSELF.has(property)) return `(${alias}.code = ${codes})`;
  if (property === 'parent')
    return `(${alias}.parents && array(select id from ${indexTable(id)} where code = ${codes}))`;
  if (property === 'child')
    return `(${alias}.id = any(array(select unnest(parents) from ${indexTable(id)} where code = ${codes})))`;
  if (property === 'display' || property === 'definition')
    return `exists (select from ${detailTable(id)} d where d.id = ${alias}.id and d.${property} = ${codes})`;
  const name = `$${values.push(property)}::text`;
  const given = `$${values.push(wanted)}::text[]`;
  // The list of codes is bound in any case, and its type has to be known.
  return `(${codes.replace('any', 'cardinality')} > 0 and ${alias}.facts && array(select hashtextextended(${name} || '=' || v, 0) from unnest(${given}) v))`;
}

function exists(property: string, { alias, id, values }: SetContext): string {
  if (ITSELF.has(property)) return '(true)';
  if (property === 'parent') return `(${alias}.parents <> '{}')`;
  if (property === 'child')
    return `exists (select from ${indexTable(id)} c where c.parents && array[${alias}.id])`;
  if (property === 'display' || property === 'definition')
    return `exists (select from ${detailTable(id)} d where d.id = ${alias}.id and d.${property} is not null)`;
  return `(${alias}.facts && array[hashtextextended($${values.push(property)}::text, 0)])`;
}

/** What is not counted here would be refused by PostgreSQL. */
const REPEATS_MAX = 255;

function matches(property: string, pattern: string, { alias, id, values }: SetContext): string {
  // It has to be of the form that takes no time without end, whoever matches it.
  regexSteps(pattern);
  for (const [, count] of pattern.matchAll(/(\d{3,})(?=[,}])/g))
    if (Number(count) > REPEATS_MAX)
      throw badRequest(
        `The regular expression of a value set's filter repeats more than ${REPEATS_MAX} times`,
      );
  const whole = `^(?:${pattern.replace(/^\^/, '').replace(/(?<!\\)\$$/, '')})$`;
  const bound = `$${values.push(whole)}::text`;
  if (ITSELF.has(property)) return `(${alias}.code ~ ${bound})`;
  if (property === 'display' || property === 'definition')
    return `exists (select from ${detailTable(id)} d where d.id = ${alias}.id and d.${property} ~ ${bound})`;
  if (property === 'parent' || property === 'child') {
    const other =
      property === 'parent' ? `${alias}.parents @> array[o.id]` : `o.parents @> array[${alias}.id]`;
    return `exists (select from ${indexTable(id)} o where ${other} and o.code ~ ${bound})`;
  }
  const name = `$${values.push(property)}::text`;
  return `exists (select from ${detailTable(id)} d, jsonb_array_elements(d.properties) p, jsonb_each_text(p) v
    where d.id = ${alias}.id and p->>'code' = ${name} and v.key like 'value%' and v.value ~ ${bound})`;
}
