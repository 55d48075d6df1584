/** Conditions on other resources: chains, `_has` and hierarchies as semi-joins. */
import {
  type Expression,
  type LinkName,
  LINKS,
  linkParameter,
  type SearchParameterRegistry,
} from '../../search/index.ts';
import type { CompileContext } from './compile-expression.ts';
import { tableName } from './names.ts';

type Compile = (expression: Expression, context: CompileContext) => string;

/** The link column of `sourceType` that holds exactly the references of `param` to `targetType`. */
export function linkOf(
  registry: SearchParameterRegistry,
  sourceType: string,
  param: string,
  targetType: string,
): LinkName | undefined {
  return (Object.keys(LINKS) as LinkName[]).find(
    (link) => LINKS[link] === targetType && linkParameter(registry, sourceType, link)?.code === param,
  );
}

/** fhir.reference_key computes in the database what referenceKey and hashKey do here. */
const keyOf = (param: string, targetType: string, id: string): string =>
  `fhir.reference_key('${param.replaceAll("'", "''")}', '${targetType}', ${id})`;

export function compileChain(
  { param, targetType, of }: Expression & { kind: 'chain' },
  context: CompileContext,
  compile: Compile,
): string {
  const { alias, resourceType } = context;
  const target = `${alias}c`;
  const condition = compile(of, { ...context, resourceType: targetType, alias: target });
  const from = `from ${tableName(targetType)} ${target} where not ${target}.deleted and ${condition}`;
  const link = linkOf(context.registry, resourceType, param, targetType);
  if (link !== undefined) return `${alias}.${link} in (select ${target}.id ${from})`;
  const keys = `array_agg(${keyOf(param, targetType, `${target}.id`)})`;
  return `${alias}.keys && (select coalesce(${keys}, '{}') ${from})`;
}

export function compileHas(
  { sourceType, param, of }: Expression & { kind: 'has' },
  context: CompileContext,
  compile: Compile,
): string {
  const { alias, resourceType } = context;
  const source = `${alias}h`;
  const condition = compile(of, { ...context, resourceType: sourceType, alias: source });
  const link = linkOf(context.registry, sourceType, param, resourceType);
  const refers =
    link === undefined
      ? `${source}.keys @> array[${keyOf(param, resourceType, `${alias}.id`)}]`
      : `${source}.${link} = ${alias}.id`;
  return `exists (select from ${tableName(sourceType)} ${source} where ${refers} and not ${source}.deleted and ${condition})`;
}

/** Steps of a hierarchy; a loop of parents ends by itself, since rows that were found are not found again. */
export function compileHierarchy(
  { param, targetType, parent, relation, id }: Expression & { kind: 'hierarchy' },
  context: CompileContext,
): string {
  const { alias, resourceType, values } = context;
  const table = tableName(targetType);
  const step =
    relation === 'below'
      ? `t.keys @> array[${keyOf(parent, targetType, 'd.id')}]`
      : `p.keys @> array[${keyOf(parent, targetType, 't.id')}]`;
  const next =
    relation === 'below'
      ? `select t.id from d join ${table} t on ${step} and not t.deleted`
      : `select t.id from d join ${table} p on p.id = d.id and not p.deleted join ${table} t on ${step} and not t.deleted`;
  const all = `with recursive d(id) as (select $${values.push(id)}::text collate "C" union ${next}) select`;
  const link = linkOf(context.registry, resourceType, param, targetType);
  return link === undefined
    ? `${alias}.keys && (${all} coalesce(array_agg(${keyOf(param, targetType, 'd.id')}), '{}') from d)`
    : `${alias}.${link} in (${all} d.id from d)`;
}
