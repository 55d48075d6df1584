/**
 * Conditions on other resources as Citus takes them, where the tables are distributed: subqueries that need nothing of the row at
 * hand. They run first, and their rows go to all shards. On one machine the look-ups of relation.ts and reference.ts cost less.
 */
import { NAMED_ONLY } from '../../access/index.ts';
import type { Expression, LinkName } from '../../search/index.ts';
import type { CompileContext } from './compile-expression.ts';
import { belongingOf, tableName } from './names.ts';

type Compile = (expression: Expression, context: CompileContext) => string;

/** SQL boolean: whether a column holds an id of the few that are looked at. */
export type Among = (column: string) => string;

/** The rows of the context's alias, if only few are looked at. */
const rowsOf = ({ rows, alias }: CompileContext): Among | undefined =>
  rows?.alias === alias ? rows.among : undefined;

const allOf = (...conditions: readonly (string | undefined)[]): string =>
  conditions.filter((condition) => condition !== undefined).join(' and ');

/** Whose id is the one of a Patient to whom a row belongs that is looked at. */
function patientsOf(context: CompileContext): Among | undefined {
  const { alias, resourceType, known } = context;
  const belonging = belongingOf(context);
  if (belonging === 'link' && known?.alias === alias) return (column) => `${column} = ${known.patient}`;
  const rows = rowsOf(context);
  if (rows === undefined) return undefined;
  const own = `${alias}n`;
  const table = tableName(resourceType);
  if (belonging === 'link')
    return (column) => `${column} in (select ${own}.patient from ${table} ${own} where ${rows(`${own}.id`)})`;
  const keys = `select ${own}k.key from ${table} ${own} cross join unnest(${own}.keys) ${own}k (key) where ${rows(`${own}.id`)}`;
  return (column) => `fhir.compartment_key('Patient', ${column}) in (${keys})`;
}

/** Rows of Patients of whom the expression holds; all such Patients are found, unless it is known whom the rows belong to. */
export function compileOfPatientApart(of: Expression, context: CompileContext, compile: Compile): string {
  const { alias, known } = context;
  const patient = `${alias}p`;
  const among = patientsOf(context);
  const { rows: _rows, ...rest } = context;
  const condition = compile(of, {
    ...rest,
    resourceType: 'Patient',
    alias: patient,
    ...(among && { rows: { alias: patient, among } }),
  });
  const where = allOf(among?.(`${patient}.id`), `not ${patient}.deleted`, condition);
  const from = `from ${tableName('Patient')} ${patient} where ${where}`;
  if (belongingOf(context) === 'compartment')
    return `${alias}.keys && (select coalesce(array_agg(fhir.compartment_key('Patient', ${patient}.id)), '{}') ${from})`;
  const whose = known?.alias === alias ? known.patient : `${alias}.patient`;
  return `${whose} in (select ${patient}.id ${from})`;
}

/** `link`: the column of the source that refers to the row; else `keyOf` says by which of its keys it does. */
export function compileHasApart(
  { sourceType, of }: Expression & { kind: 'has' },
  { link, keyOf }: { readonly link: LinkName | undefined; readonly keyOf: (id: string) => string },
  context: CompileContext,
  compile: Compile,
): string {
  const { alias, resourceType } = context;
  const source = `${alias}h`;
  const rows = rowsOf(context);
  const condition = compile(of, { ...context, resourceType: sourceType, alias: source });
  const table = `${tableName(sourceType)} ${source}`;
  if (link !== undefined) {
    const refers = `${source}.${link}`;
    const where = allOf(rows?.(refers), `${refers} is not null`, `not ${source}.deleted`, condition);
    return `${alias}.id in (select ${refers} from ${table} where ${where})`;
  }
  const own = `${alias}n`;
  const named =
    rows &&
    `${source}.keys && (select coalesce(array_agg(${keyOf(`${own}.id`)}), '{}') from ${tableName(resourceType)} ${own} where ${rows(`${own}.id`)})`;
  const where = allOf(named, `not ${source}.deleted`, condition);
  return `${keyOf(`${alias}.id`)} in (select ${source}k.key from ${table} cross join unnest(${source}.keys) ${source}k (key) where ${where})`;
}

/**
 * access.denies of migration 0020 with its parts in another order: which rules speak of the type, the recipient and the moment is
 * asked where the rules are; labels and instances, which differ from row to row, where the rows are.
 */
export function compileDissentApart(
  { to }: Expression & { kind: 'dissent' },
  context: CompileContext,
): string {
  const { alias, resourceType, values, known } = context;
  const [own, rule, exception] = [`${alias}n`, `${alias}d`, `${alias}x`];
  const actors = to.actors.length === 0 ? `'{}'::text[]` : `$${values.push(to.actors)}::text[]`;
  const purposes = to.purposes === undefined ? undefined : `$${values.push(to.purposes)}::text[]`;
  const belonging = belongingOf(context);
  const isKnown = known?.alias === alias && belonging === 'link';
  const rules = (isPermit: boolean): string => {
    const speaks = allOf(
      isPermit ? 'd.is_permit' : 'not d.is_permit',
      isKnown ? `d.patient = ${known.patient}` : undefined,
      'd.starts <= extract(epoch from now()) * 1000 and d.ends >= extract(epoch from now()) * 1000',
      `(d.actors is null or d.actors && ${actors})`,
      // Nobody knows what for: a permission for a purpose does not apply, a denial does.
      purposes === undefined
        ? isPermit
          ? 'd.purposes is null'
          : undefined
        : `(d.purposes is null or d.purposes && ${purposes})`,
      NAMED_ONLY.has(resourceType)
        ? `coalesce('${resourceType}' = any(d.classes), false)`
        : `(d.classes is null or '${resourceType}' = any(d.classes))`,
    );
    return `(select d.consent_id, d.node, d.above, d.patient, d.compartment, d.labels, d.instances from access.consent_rule d where ${speaks})`;
  };
  const concerns = (of: string): string =>
    `(${of}.labels is null or ${own}.keys && ${of}.labels) and (${of}.instances is null or ('${resourceType}/' || ${own}.id) = any(${of}.instances))`;
  const isOfRule = {
    self: `${rule}.patient = ${own}.id`,
    link: `${rule}.patient = ${own}.patient`,
    compartment: `${own}.keys @> array[${rule}.compartment]`,
  }[belonging];
  const excepted = `exists (select from ${rules(true)} ${exception} where ${exception}.consent_id = ${rule}.consent_id and ${exception}.above = ${rule}.node and ${concerns(exception)})`;
  const where = allOf(rowsOf(context)?.(`${own}.id`), isOfRule, concerns(rule), `not ${excepted}`);
  return `${alias}.id in (select ${own}.id from ${tableName(resourceType)} ${own} cross join ${rules(false)} ${rule} where ${where})`;
}
