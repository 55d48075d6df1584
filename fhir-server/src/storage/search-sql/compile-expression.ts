/** Search expression → SQL boolean over one row of a type's table. Everything from a request is bound. */
import { FhirError, issue } from '../../fhir/outcome.ts';
import {
  type Comparison,
  compartmentKey,
  type Expression,
  type SearchParameterRegistry,
} from '../../search/index.ts';
import type { Among } from './apart.ts';
import { compileElement } from './element.ts';
import { hashKey } from './key-hash.ts';
import { compileLabel, compilePath } from './label.ts';
import { quoteName, rangeColumnsOf, stringTable } from './names.ts';
import { compileTokens } from './code-query.ts';
import { compileNear } from './near.ts';
import { compileLastUpdated, compileRange, compileWindow } from './range.ts';
import { compileChain, compileHas, compileHierarchy, joinsPatient } from './reference.ts';
import { compileDissent, compileOfPatient } from './relation.ts';
import { compileString } from './string.ts';

export interface CompileContext {
  readonly resourceType: string;
  readonly registry: SearchParameterRegistry;
  /** Alias of the type's table in the statement. */
  readonly alias: string;
  /** Bind values of the statement so far; those of the expression are appended. */
  readonly values: unknown[];
  /** Whether the tables are distributed: then conditions on other resources need nothing of the row at hand (apart.ts). */
  readonly isDistributed: boolean;
  /** Where only few rows of the alias are looked at: whether a column holds the id of one of them. */
  readonly rows?: { readonly alias: string; readonly among: Among };
  /** In a conjunction with the one Patient that all rows of the alias belong to: the bound value of his id. */
  readonly known?: { readonly alias: string; readonly patient: string };
  /** Within what only looks at each row that was found otherwise. */
  readonly isLook?: boolean;
  /** `_has` conditions that are looked up for each row; the planner decides on the others. */
  readonly probed?: ReadonlySet<Expression>;
  /** Nothing else leads to few rows, and the statement is planned for its values: ranges may be looked up. */
  readonly byRange?: boolean;
}

/** The protocol counts the values of a statement with 16 bits, and breaks the connection beyond; a part adds a few only. */
const BIND_VALUES_MAX = 60_000;

const tooManyValues = (): FhirError =>
  new FhirError(400, [issue('too-costly', 'The search has too many values; ask for fewer at a time')]);

/**
 * May yield null for false; a negation inside the expression counts null as false, as `where` does. Throws RangeError for
 * what must be resolved before (`list`, `codes`).
 */
export function compileExpression(expression: Expression, context: CompileContext): string {
  const { alias, values } = context;
  if (values.length > BIND_VALUES_MAX) throw tooManyValues();
  const bind = (value: unknown, type: string): string => `$${values.push(value)}::${type}`;
  switch (expression.kind) {
    case 'all':
      return 'true';
    case 'none':
      return 'false';
    case 'and':
      return compileAnd(expression.of, context);
    case 'or':
      if (expression.of.length === 0) return 'false';
      return `(${expression.of.map((e) => compileExpression(e, context)).join(' or ')})`;
    case 'not':
      return `((${compileExpression(expression.of, context)}) is not true)`;
    case 'id':
      return oneOf(`${alias}.id`, expression.ids, bind);
    case 'key':
      return `${alias}.keys && ${bind(expression.keys.map(hashKey), 'uuid[]')}`;
    case 'link':
      return oneOf(`${alias}.${expression.link}`, expression.ids, bind);
    case 'string':
      return compileString(expression, stringTable(context.resourceType), alias, bind);
    case 'label':
      return compileLabel(expression, context.resourceType, alias, bind);
    case 'path':
      return compilePath(expression, context.resourceType, alias, bind);
    case 'range':
      return compileRange(expression.param, expression.comparison, {
        alias,
        bind,
        byIndex: context.byRange === true,
      });
    case 'present':
      return compilePresent(expression, context, bind);
    case 'element':
      return compileElement(expression, context, bind);
    case 'near':
      return compileNear(expression, alias, bind);
    case 'lastUpdated':
      return compileLastUpdated(expression.comparison, alias, bind);
    case 'words':
      return compileWords(expression, alias, bind);
    case 'chain':
      return compileChain(expression, context, compileExpression);
    case 'has':
      return compileHas(expression, context, compileExpression);
    case 'tokens':
      return compileTokens(expression, context);
    case 'hierarchy':
      return compileHierarchy(expression, context);
    case 'ofPatient':
      return compileOfPatient(expression, context, compileExpression);
    case 'dissent':
      return compileDissent(expression, context);
    case 'list':
    case 'codes':
      throw new RangeError(`${expression.kind} was not resolved`);
  }
}

type Bind = (value: unknown, type: string) => string;

const oneOf = (column: string, ids: readonly string[], bind: Bind): string =>
  ids.length === 1 ? `${column} = ${bind(ids[0], 'text')}` : `${column} = any(${bind(ids, 'text[]')})`;

function compilePresent(
  { store, param }: Expression & { kind: 'present' },
  { resourceType, alias }: CompileContext,
  bind: Bind,
): string {
  if (store === 'range') return `${alias}.${quoteName(rangeColumnsOf(param).lowColumn)} is not null`;
  if (store === 'link') return `${alias}.${quoteName(param)} is not null`;
  return `exists (select from ${stringTable(resourceType)} s where s.id = ${alias}.id and s.param = ${bind(param, 'text')})`;
}

function compileWords({ scope, query }: Expression & { kind: 'words' }, alias: string, bind: Bind): string {
  const sought = `websearch_to_tsquery('english', ${bind(query, 'text')})`;
  // What has no words at all is without the excluded ones too.
  if (scope === 'content')
    return `(${alias}.words @@ ${sought} or (${alias}.words is null and ''::tsvector @@ ${sought}))`;
  // The narrative's words carry weight A. The index does not know of weights: it leads to what has the words anywhere, of
  // which the excluded ones may be elsewhere than in the narrative.
  const indexed = `querytree(${sought})`;
  return (
    `((${indexed} in ('', 'T') or ${alias}.words @@ nullif(nullif(${indexed}, 'T'), '')::tsquery) and ` +
    `coalesce(ts_filter(${alias}.words, '{a}'), '') @@ ${sought})`
  );
}

/** All single keys of a conjunction become one containment test, which GIN answers by one intersection. */
function compileAnd(of: readonly Expression[], context: CompileContext): string {
  const { alias, values } = context;
  const keys = of.flatMap((e) => (e.kind === 'key' && e.keys.length === 1 ? [e.keys[0]!] : []));
  const parts: string[] = [];
  const byCompartment = patientCompartment(of, keys, context);
  if (byCompartment !== undefined) keys.push(byCompartment);
  const inner = withKnownPatient(of, context);
  if (keys.length > 0)
    parts.push(`${alias}.keys @> $${values.push([...new Set(keys)].map(hashKey))}::uuid[]`);
  for (const part of of) {
    if (part.kind === 'key' && part.keys.length === 1) continue;
    if (part.kind === 'link' && part.link === 'patient' && byCompartment !== undefined)
      // Not to be looked up in the B-tree: the keys lead to fewer rows.
      parts.push(`(${alias}.patient || '') = $${values.push(part.ids[0])}::text`);
    else parts.push(compileExpression(part, inner));
  }
  if (context.byRange) parts.push(...windows(of, context));
  return parts.length === 0 ? 'true' : `(${parts.join(' and ')})`;
}

/** Conditions on the Patient are the same for all rows where there is only one. */
function withKnownPatient(of: readonly Expression[], context: CompileContext): CompileContext {
  const [link] = of.flatMap((e) => (e.kind === 'link' && e.link === 'patient' ? [e] : []));
  if (link?.ids.length !== 1 || !asksPatient(of)) return context;
  return {
    ...context,
    known: { alias: context.alias, patient: `$${context.values.push(link.ids[0])}::text` },
  };
}

const asksPatient = (of: readonly Expression[]): boolean =>
  of.some(
    (e) =>
      e.kind === 'ofPatient' ||
      e.kind === 'dissent' ||
      ((e.kind === 'and' || e.kind === 'or') && asksPatient(e.of)) ||
      (e.kind === 'not' && asksPatient([e.of])),
  );

/** Of each date parameter with a "from" and a "to". */
function windows(
  of: readonly Expression[],
  { alias, values, registry, resourceType }: CompileContext,
): string[] {
  const bind: Bind = (value, type) => `$${values.push(value)}::${type}`;
  const byParam = new Map<string, Comparison[]>();
  for (const e of of)
    if (e.kind === 'range' && registry.get(resourceType, e.param)?.type === 'date')
      byParam.set(e.param, [...(byParam.get(e.param) ?? []), e.comparison]);
  return [...byParam].flatMap(([param, tests]) => compileWindow(param, tests, { alias, bind }) ?? []);
}

/** With a code beside the patient, the patient's compartment and the code are one intersection of the same index. */
function patientCompartment(
  of: readonly Expression[],
  keys: readonly string[],
  { registry, resourceType }: CompileContext,
): string | undefined {
  if (keys.every((key) => key.startsWith('c\n'))) return undefined;
  const [link] = of.flatMap((e) => (e.kind === 'link' && e.link === 'patient' ? [e] : []));
  if (link?.ids.length !== 1) return undefined;
  return joinsPatient(registry, resourceType) ? compartmentKey('Patient', link.ids[0]!) : undefined;
}
