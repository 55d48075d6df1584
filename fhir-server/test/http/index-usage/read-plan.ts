/** What a plan reads: how many rows, by which scans, and from which tables one after the other. */
import type { ExplainedStatement, PlanNode } from './watch-plans.ts';

/** All nodes, from the top down. */
export function nodesOf(root: PlanNode): PlanNode[] {
  return [root, ...(root.Plans ?? []).flatMap(nodesOf)];
}

const isScan = (node: PlanNode): boolean =>
  node['Relation Name'] !== undefined || node['Index Name'] !== undefined;

const isMark = (node: PlanNode): boolean => node['Node Type'] === 'Bitmap Index Scan';

/** Rows that a scan looked at, those that it threw away too. */
function lookedAt(node: PlanNode): number {
  if (!isScan(node) || node['Node Type'] === 'ModifyTable') return 0;
  const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  return node['Actual Loops'] * ((node['Actual Rows'] ?? 0) + removed);
}

export interface Cost {
  /** Rows that scans of tables and plain scans of indexes looked at. */
  readonly rowsRead: number;
  /** Entries of indexes that were marked in a bitmap: cheaper than rows, and counted apart so that they hide nothing. */
  readonly entriesMarked: number;
  readonly buffers: number;
  readonly milliseconds: number;
  readonly statements: number;
}

export function costOf(statements: readonly ExplainedStatement[]): Cost {
  const sum = (of: (statement: ExplainedStatement) => number): number =>
    statements.reduce((total, statement) => total + of(statement), 0);
  const nodesLookedAt = (which: (node: PlanNode) => boolean): number =>
    Math.round(
      sum(({ root }) =>
        nodesOf(root)
          .filter(which)
          .reduce((total, node) => total + lookedAt(node), 0),
      ),
    );
  return {
    rowsRead: nodesLookedAt((node) => !isMark(node)),
    entriesMarked: nodesLookedAt(isMark),
    buffers: sum(({ root }) => (root['Shared Hit Blocks'] ?? 0) + (root['Shared Read Blocks'] ?? 0)),
    milliseconds: sum(({ milliseconds }) => milliseconds),
    statements: statements.length,
  };
}

/** Tables that were read from end to end (or until a limit was met). */
export const sequentialScans = (statements: readonly ExplainedStatement[]): string[] =>
  statements.flatMap(({ root }) =>
    nodesOf(root)
      // What a limit or a condition without a match never started has no loops.
      .filter((node) => node['Node Type'] === 'Seq Scan' && node['Actual Loops'] > 0)
      .map((node) => node['Relation Name'] ?? ''),
  );

/** The scans and sorts of a plan, a line each, without values. */
export function essentialLines({ root }: ExplainedStatement): string[] {
  return nodesOf(root).flatMap((node) => {
    if (node['Actual Loops'] === 0) return [];
    if (node['Node Type'].includes('Sort')) return [`${node['Node Type']} (${rows(node)})`];
    return isScan(node) ? [scanLine(node)] : [];
  });
}

const rows = (node: PlanNode): string => {
  const loops = node['Actual Loops'];
  const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  const found = `${Math.round((node['Actual Rows'] ?? 0) * loops)} rows`;
  return [
    found,
    ...(removed > 0 ? [`${Math.round(removed * loops)} removed`] : []),
    ...(loops > 1 ? [`${loops} loops`] : []),
  ].join(', ');
};

function scanLine(node: PlanNode): string {
  const place = [node['Relation Name'], node['Index Name'] && `by "${node['Index Name']}"`];
  const condition = node['Index Cond'] ? `: ${shorten(node['Index Cond'])}` : '';
  return `${node['Node Type']} ${place.filter(Boolean).join(' ')}${condition} (${rows(node)})`;
}

const CONDITION_MAX = 110;

/** Hashes and casts say nothing to a reader. */
function shorten(condition: string): string {
  const plain = condition
    .replaceAll(/::(?:text|bigint|double precision|uuid|"C"|character varying)(?:\[\])?/g, '')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '#')
    .replaceAll(/ COLLATE "C"/g, '');
  return plain.length <= CONDITION_MAX ? plain : `${plain.slice(0, CONDITION_MAX)}…`;
}
