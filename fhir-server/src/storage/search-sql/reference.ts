/** Conditions on other resources: chains, `_has` and hierarchies as semi-joins. */
import {
  type Expression,
  type LinkName,
  LINKS,
  linkParameter,
  type SearchParameterRegistry,
} from '../../search/index.ts';
import { compileHasApart } from './apart.ts';
import type { CompileContext } from './compile-expression.ts';
import { hashKey } from './key-hash.ts';
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
export const referenceKeySql = (param: string, targetType: string, id: string): string =>
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
  const keys = `array_agg(${referenceKeySql(param, targetType, `${target}.id`)})`;
  return `${alias}.keys && (select coalesce(${keys}, '{}') ${from})`;
}

export type Has = Expression & { readonly kind: 'has' };

export function compileHas(has: Has, context: CompileContext, compile: Compile): string {
  const { sourceType, param, of } = has;
  const { alias, resourceType } = context;
  const source = `${alias}h`;
  if (context.probed?.has(has) === true) return compileProbe(has, context, compile);
  const link = linkOf(context.registry, sourceType, param, resourceType);
  if (context.isDistributed) {
    const keyOfRow = (id: string): string => referenceKeySql(param, resourceType, id);
    return compileHasApart(has, { link, keyOf: keyOfRow }, context, compile);
  }
  // Whose the source is, is known: he at whom the search looks.
  const known =
    link === 'patient' && resourceType === 'Patient'
      ? { known: { alias: source, patient: `${alias}.id` } }
      : {};
  const condition = compile(of, { ...context, resourceType: sourceType, alias: source, ...known });
  const refers =
    link === undefined
      ? `${source}.keys @> array[${referenceKeySql(param, resourceType, `${alias}.id`)}]`
      : `${source}.${link} = ${alias}.id`;
  // A fence saves the planner the thought of a join.
  const fence = context.isLook === true ? ' offset 0' : '';
  return `exists (select from ${tableName(sourceType)} ${source} where ${refers} and not ${source}.deleted and ${condition}${fence})`;
}

/**
 * The single keys by which a source can be looked up together with the compartment of a Patient; undefined where it cannot.
 * https://hl7.org/fhir/R4/compartmentdefinition-patient.html
 */
export function probeKeys(
  registry: SearchParameterRegistry,
  resourceType: string,
  { sourceType, param, of }: Has,
): readonly string[] | undefined {
  if (resourceType !== 'Patient' || linkOf(registry, sourceType, param, resourceType) !== 'patient')
    return undefined;
  if (!joinsPatient(registry, sourceType)) return undefined;
  const keys = singleKeys(of);
  return keys.length === 0 ? undefined : keys;
}

const partsOf = (expression: Expression): readonly Expression[] =>
  expression.kind === 'and' ? expression.of : [expression];

const isSingleKey = (e: Expression): e is Expression & { readonly kind: 'key' } =>
  e.kind === 'key' && e.keys.length === 1;

const singleKeys = (of: Expression): string[] => partsOf(of).flatMap((e) => (isSingleKey(e) ? e.keys : []));

/** Whether what the patient column of the type holds is in its compartment keys too. */
export function joinsPatient(registry: SearchParameterRegistry, resourceType: string): boolean {
  const code = linkParameter(registry, resourceType, 'patient')?.code;
  const joins = registry.compartmentCodes(resourceType);
  return joins.includes('patient') || (code !== undefined && joins.includes(code));
}

/** compartmentKey and hashKey, computed in the database. */
const compartmentKeySql = (id: string): string =>
  `encode(substring(sha256(convert_to('c' || chr(10) || 'Patient' || chr(10) || ${id}, 'UTF8')) for 16), 'hex')::uuid`;

/** Each Patient for itself, by one intersection in the GIN index; `offset 0` keeps the planner from making a join of it. */
function compileProbe({ sourceType, of }: Has, context: CompileContext, compile: Compile): string {
  const { alias, values } = context;
  const source = `${alias}h`;
  const keys = `$${values.push(singleKeys(of).map(hashKey))}::uuid[]`;
  const rest = partsOf(of)
    .filter((part) => !isSingleKey(part))
    .map((part) => ` and ${compile(part, { ...context, resourceType: sourceType, alias: source })}`);
  return `exists (select from ${tableName(sourceType)} ${source}
    where ${source}.keys @> (${keys} || ${compartmentKeySql(`${alias}.id`)})
    and (${source}.patient || '') = ${alias}.id and not ${source}.deleted${rest.join('')} offset 0)`;
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
      ? `t.keys @> array[${referenceKeySql(parent, targetType, 'd.id')}]`
      : `p.keys @> array[${referenceKeySql(parent, targetType, 't.id')}]`;
  const next =
    relation === 'below'
      ? `select t.id from d join ${table} t on ${step} and not t.deleted`
      : `select t.id from d join ${table} p on p.id = d.id and not p.deleted join ${table} t on ${step} and not t.deleted`;
  const all = `with recursive d(id) as (select $${values.push(id)}::text collate "C" union ${next}) select`;
  const link = linkOf(context.registry, resourceType, param, targetType);
  return link === undefined
    ? `${alias}.keys && (${all} coalesce(array_agg(${referenceKeySql(param, targetType, 'd.id')}), '{}') from d)`
    : `${alias}.${link} in (${all} d.id from d)`;
}
