/** Parse trees of PostgreSQL's own parser (libpg-query), as far as the lint for Citus reads them. */
import { loadModule, parseSync } from 'libpg-query';

export type Node = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

/** The statements of a text, each as `{ SelectStmt: … }` and the like. Throws for what PostgreSQL would not parse. */
export async function parse(sql: string): Promise<Node[]> {
  await loadModule();
  const { stmts = [] } = parseSync(sql) as { stmts?: { stmt: Node }[] };
  return stmts.map(({ stmt }) => stmt);
}

/** All nodes of a kind below `from`; below those of the kinds of `except` nothing is looked for. */
export function* below(from: unknown, kind: string, except: readonly string[] = []): Generator<Node> {
  if (!isNode(from)) return;
  for (const [key, value] of Object.entries(from)) {
    if (!isNode(value)) continue;
    if (key === kind) yield value;
    if (!except.includes(key)) yield* below(value, kind, except);
  }
}

/** Where another statement begins. */
export const STATEMENTS = ['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt'] as const;

export const list = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isNode) : []);

const strings = (value: unknown): string[] =>
  list(value).map((part) => (part['String'] as { readonly sval?: string } | undefined)?.sval ?? '*');

/** `a.b` as `['a', 'b']`. */
export const fieldsOf = (column: unknown): string[] => strings((column as Node | undefined)?.['fields']);

export const nameOf = (call: Node): string => strings(call['funcname']).at(-1) ?? '';

export interface Table {
  readonly name: string;
  readonly alias: string;
  readonly isDistributed: boolean;
}

/** Tables of resource types are the only ones whose names begin with a capital letter (storage/table-definition.ts). */
export const isResourceTable = (schema: unknown, name: string): boolean =>
  schema === 'fhir' && /^[A-Z]/.test(name);

export function tableOf(range: Node): Table {
  const {
    relname: name,
    schemaname,
    alias,
  } = range as {
    readonly relname: string;
    readonly schemaname?: string;
    readonly alias?: { readonly aliasname: string };
  };
  return { name, alias: alias?.aliasname ?? name, isDistributed: isResourceTable(schemaname, name) };
}

/** Both sides of each `=`, `= any (…)` and `in (…)` that stands in the expression itself. */
export function* equalities(
  from: unknown,
): Generator<{ readonly left: unknown; readonly right: unknown; readonly isAny: boolean }> {
  for (const { kind, name, lexpr, rexpr } of below(from, 'A_Expr', [...STATEMENTS]))
    if (strings(name)[0] === '=' && ['AEXPR_OP', 'AEXPR_OP_ANY', 'AEXPR_IN'].includes(String(kind)))
      yield { left: lexpr, right: rexpr, isAny: kind !== 'AEXPR_OP' };
}

/** The alias whose `id` this is: '' for a bare `id`, undefined for anything else. */
export function idOf(expression: unknown): string | undefined {
  const column = (expression as Node | undefined)?.['ColumnRef'];
  if (!isNode(column)) return undefined;
  const fields = fieldsOf(column);
  if (fields.at(-1) !== 'id') return undefined;
  return fields.length > 1 ? fields[0] : '';
}
