/**
 * What in a statement Citus cannot do on distributed tables, or does at a price.
 * https://docs.citusdata.com/en/stable/develop/reference_workarounds.html, #cross-node-sql-queries
 */
import {
  below,
  equalities,
  fieldsOf,
  idOf,
  list,
  nameOf,
  STATEMENTS,
  tableOf,
  type Node,
  type Table,
} from './tree.ts';

export type Construct =
  | 'aggregate or limit in a correlation'
  | 'change in a with clause'
  | 'change of the distribution column'
  | 'correlation not by id'
  | 'correlation with a local table'
  | 'every shard'
  | 'grouping sets'
  | 'join not by id'
  | 'join with a local table'
  | 'join with sent rows'
  | 'lateral'
  | 'lock of several ids'
  | 'on conflict'
  | 'recursive'
  | 'rows by way of the coordinator'
  | 'set operation'
  | 'subquery among results'
  | 'subquery below sent rows'
  | 'subquery first'
  | 'subquery first without a column'
  | 'subquery of a local table first'
  | 'tablesample'
  | 'volatile function'
  | 'window over all shards';

const VOLATILE = new Set(['random', 'gen_random_uuid', 'clock_timestamp', 'nextval', 'setval', 'timeofday']);
const KINDS: readonly string[] = STATEMENTS;

const tablesBelow = (from: unknown, ctes: ReadonlySet<string> = new Set()): Table[] =>
  [...below(from, 'RangeVar'), ...below(from, 'relation')].map(tableOf).filter(({ name }) => !ctes.has(name));
const touches = (from: unknown): boolean => tablesBelow(from).some(({ isDistributed }) => isDistributed);

interface Scope {
  /** Aliases of the statements around this one. */
  readonly outer: ReadonlySet<string>;
  readonly ctes: ReadonlySet<string>;
}

/** Distinct constructs of one parsed statement. */
export function constructsOf(statement: Node): Set<Construct> {
  const found = new Set<Construct>();
  visit(statement, { outer: new Set(), ctes: new Set() }, found);
  return found;
}

function visit(node: unknown, scope: Scope, found: Set<Construct>): void {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'SelectStmt') visitQuery(value as Node, 'select', scope, found);
    else if (KINDS.includes(key)) visitWrite(value as Node, key, scope, found);
    else visit(value, scope, found);
  }
}

function visitWrite(statement: Node, kind: string, scope: Scope, found: Set<Construct>): void {
  const target = tableOf(statement['relation'] as Node);
  if (target.isDistributed) {
    if (statement['onConflictClause'] !== undefined) found.add('on conflict');
    if ([...below(statement, 'FuncCall')].some((call) => VOLATILE.has(nameOf(call))))
      found.add('volatile function');
    const changed = list(statement['targetList']).map((t) => (t['ResTarget'] as Node | undefined)?.['name']);
    if (kind === 'UpdateStmt' && changed.includes('id')) found.add('change of the distribution column');
  }
  if (kind === 'InsertStmt') {
    if (target.isDistributed && !copiesById(statement)) found.add('rows by way of the coordinator');
    visit(statement['selectStmt'], scope, found);
    return;
  }
  const from = [
    { RangeVar: statement['relation'] },
    ...list(statement['fromClause'] ?? statement['usingClause']),
  ];
  visitQuery({ ...statement, fromClause: from }, 'write', scope, found);
}

/** `insert into a (id, …) select id, … from b`: each shard copies its own rows. */
function copiesById({ cols, selectStmt }: Node): boolean {
  const query = (selectStmt as Node | undefined)?.['SelectStmt'] as Node | undefined;
  const first = (list(query?.['targetList'])[0]?.['ResTarget'] as Node | undefined)?.['val'];
  const column = (list(cols)[0]?.['ResTarget'] as Node | undefined)?.['name'];
  return column === 'id' && idOf(first) !== undefined && touches(query?.['fromClause']);
}

function visitQuery(query: Node, kind: 'select' | 'write', scope: Scope, found: Set<Construct>): void {
  const isOurs = touches(query);
  const withClause = query['withClause'] as Node | undefined;
  const cteNodes = [...below(withClause, 'CommonTableExpr', [...STATEMENTS])];
  const ctes = new Set([...scope.ctes, ...cteNodes.map((cte) => String(cte['ctename']))]);
  if (isOurs && withClause?.['recursive'] === true) found.add('recursive');
  for (const cte of cteNodes) {
    if (KINDS.slice(1).some((write) => write in (cte['ctequery'] as Node)) && touches(cte))
      found.add('change in a with clause');
    visit(cte['ctequery'], { ...scope, ctes }, found);
  }
  if (query['op'] !== undefined && query['op'] !== 'SETOP_NONE') {
    if (isOurs) found.add('set operation');
    for (const side of ['larg', 'rarg']) visitQuery(query[side] as Node, kind, { ...scope, ctes }, found);
    return;
  }
  const tables = [...below(query['fromClause'], 'RangeVar', [...STATEMENTS])]
    .map(tableOf)
    .filter(({ name }) => !ctes.has(name));
  checkSources(query, tables, scope, found);
  checkClauses(query, isOurs, found);
  const aliases = [...below(query['fromClause'], 'alias', [...STATEMENTS])].map((a) =>
    String(a['aliasname']),
  );
  const inner: Scope = { outer: new Set([...scope.outer, ...aliases, ...tables.map((t) => t.alias)]), ctes };
  const { withClause: _with, ...rest } = query;
  for (const link of below(rest, 'SubLink', ['SelectStmt'])) checkSubquery(link, inner, found);
  if (tables.some(({ isDistributed }) => isDistributed))
    for (const link of below(rest['targetList'], 'SubLink', ['SelectStmt']))
      if (tablesBelow(link['subselect'], ctes).length > 0) found.add('subquery among results');
  visit(rest, inner, found);
}

/** What the statement reads side by side, and whether one `id` tells the shard. */
function checkSources(query: Node, tables: readonly Table[], { outer }: Scope, found: Set<Construct>): void {
  const distributed = tables.filter(({ isDistributed }) => isDistributed);
  if (distributed.length === 0) return;
  const from = query['fromClause'];
  const conditions = [query['whereClause'], from];
  const aliases = new Set(distributed.map(({ alias }) => alias));
  const isOwn = (alias: string | undefined): boolean =>
    alias !== undefined && (alias === '' || aliases.has(alias));
  const equal = conditions.flatMap((c) => [...equalities(c)]);
  const joined = equal.filter(({ left, right }) => isOwn(idOf(left)) && isOwn(idOf(right)));
  if (joined.length < distributed.length - 1) found.add('join not by id');
  if (tables.length > distributed.length) found.add('join with a local table');
  const functions = [...below(from, 'RangeFunction', [...STATEMENTS])];
  // Functions of a row's own columns run beside the row.
  if (functions.some((f) => f['lateral'] !== true && !readsOf(f, aliases))) found.add('join with sent rows');
  const pinned = equal.filter(({ left, right }) => isOwn(idOf(left)) && isGiven(right));
  const byOuter = equal.some(({ left, right }) => {
    const [a, b] = [idOf(left), idOf(right)];
    return (isOwn(a) && outer.has(b ?? '')) || (isOwn(b) && outer.has(a ?? ''));
  });
  if (pinned.length === 0 && !byOuter) found.add('every shard');
  if (query['lockingClause'] !== undefined && !pinned.some(({ isAny }) => !isAny))
    found.add('lock of several ids');
}

/** A parameter or a constant, whatever it is cast to. */
const isGiven = (expression: unknown): boolean =>
  !below(expression, 'ColumnRef').next().value && !below(expression, 'SubLink').next().value;

const readsOf = (from: unknown, aliases: ReadonlySet<string>): boolean =>
  [...below(from, 'ColumnRef')].some((column) => aliases.has(fieldsOf(column)[0] ?? ''));

function checkClauses(query: Node, isOurs: boolean, found: Set<Construct>): void {
  if (!isOurs) return;
  const own = [query['targetList'], query['sortClause']];
  for (const { over } of below(own, 'FuncCall', ['SelectStmt'])) {
    const partition = list((over as Node | undefined)?.['partitionClause']);
    if (over !== undefined && !partition.some((p) => idOf(p) !== undefined))
      found.add('window over all shards');
  }
  if (!below(query['groupClause'], 'GroupingSet').next().done) found.add('grouping sets');
  if (!below(query['fromClause'], 'RangeTableSample', [...STATEMENTS]).next().done) found.add('tablesample');
  for (const part of below(query['fromClause'], 'RangeSubselect', [...STATEMENTS]))
    if (part['lateral'] === true && touches(part)) found.add('lateral');
}

function checkSubquery(link: Node, { outer, ctes }: Scope, found: Set<Construct>): void {
  const query = (link['subselect'] as Node)['SelectStmt'] as Node;
  const tables = tablesBelow(query, new Set([...ctes, ...cteNames(query)]));
  const own = new Set([...below(query, 'alias')].map((a) => String(a['aliasname'])));
  for (const { alias } of tables) own.add(alias);
  const strange = (alias: string | undefined): boolean =>
    alias !== undefined && outer.has(alias) && !own.has(alias);
  const isCorrelated = hasColumn(query, strange);
  if (isCorrelated) checkCorrelation(query, found);
  if (tables.length === 0) return;
  if (!tables.some(({ isDistributed }) => isDistributed)) {
    const isFirst = !isCorrelated || isApart(query, strange);
    found.add(isFirst ? 'subquery of a local table first' : 'correlation with a local table');
  } else if (isCorrelated) {
    const byId = [...equalities(query['whereClause'])].some(({ left, right }) => {
      const [a, b] = [idOf(left), idOf(right)];
      return a !== undefined && b !== undefined && strange(a) !== strange(b);
    });
    if (!byId) found.add('correlation not by id');
  } else if (!isMembershipById(link)) {
    found.add(list(query['targetList']).length === 0 ? 'subquery first without a column' : 'subquery first');
  }
}

const hasColumn = (from: unknown, isOne: (alias: string | undefined) => boolean): boolean =>
  [...below(from, 'ColumnRef')].some((c) => fieldsOf(c).length > 1 && isOne(fieldsOf(c)[0]));

/** Local tables are asked in subqueries of the `from` clause that need nothing of the rows outside: Citus runs these first. */
function isApart(query: Node, strange: (alias: string | undefined) => boolean): boolean {
  const from = query['fromClause'];
  const direct = [...below(from, 'RangeVar', [...STATEMENTS])];
  const parts = [...below(from, 'RangeSubselect', [...STATEMENTS])];
  return direct.length === 0 && parts.length > 0 && !parts.some((part) => hasColumn(part, strange));
}

const AGGREGATES = new Set(['array_agg', 'bool_or', 'count', 'jsonb_agg', 'max', 'min', 'string_agg', 'sum']);

/**
 * DeferErrorIfCannotPushdownSubquery and DeferErrorIfFromClauseRecurs of Citus (planner/query_pushdown_planning.c): what may not stand
 * in a subquery that runs beside each row.
 */
function checkCorrelation(query: Node, found: Set<Construct>): void {
  const calls = [...below(query['targetList'], 'FuncCall', ['SelectStmt'])];
  const isCut = query['limitCount'] ?? query['limitOffset'] ?? query['distinctClause'];
  if (isCut !== undefined || (calls.some((c) => AGGREGATES.has(nameOf(c))) && !query['groupClause']))
    found.add('aggregate or limit in a correlation');
  const isSent = ![...below(query['fromClause'], 'RangeVar', [...STATEMENTS])].length;
  if (isSent && !below(query['whereClause'], 'SubLink').next().done) found.add('subquery below sent rows');
}

const cteNames = (from: unknown): string[] =>
  [...below(from, 'CommonTableExpr')].map((cte) => String(cte['ctename']));

/** `r.id in (select s.id from …)`: rows of one id are on one shard, so that each shard asks itself. */
function isMembershipById({ subLinkType, testexpr, subselect }: Node): boolean {
  const query = (subselect as Node)['SelectStmt'] as Node;
  const first = (list(query['targetList'])[0]?.['ResTarget'] as Node | undefined)?.['val'];
  return subLinkType === 'ANY_SUBLINK' && idOf(testexpr) !== undefined && idOf(first) !== undefined;
}
