/** A span for each statement of a request that is traced: what it does and in which table, never its text or values. */
import type pg from 'pg';
import { inSpan, isTracing, SpanKind, tracedContext } from '../platform/tracing.ts';

type Query = (config: unknown, values?: unknown, done?: unknown) => unknown;

/** Makes spans of what is asked of it from now on; does nothing, and costs nothing, where there are no traces. */
export function traceStatements(of: Pick<pg.ClientBase, 'query'>): void {
  if (!isTracing()) return;
  const query = of.query.bind(of) as Query;
  const traced: Query = (config, values, done) => {
    // A pool asks its clients with a callback, within the span of the pool.
    const isOurs = typeof done !== 'function' && typeof values !== 'function';
    if (!isOurs || tracedContext() === undefined) return query(config, values, done);
    const { name, text } = typeof config === 'string' ? { name: undefined, text: config } : (config as pg.QueryConfig); // prettier-ignore
    const options = { kind: SpanKind.CLIENT, attributes: attributesOf(text) };
    return inSpan(
      `sql ${statementName(name, text)}`,
      options,
      () => query(config, values) as Promise<unknown>,
    );
  };
  of.query = traced as pg.ClientBase['query'];
}

/** Of a statement that has a name of ours that; otherwise its first word, and its table. */
function statementName(name: string | undefined, text: string): string {
  // The number of the registry's revision says nothing.
  if (name !== undefined && !HASHED.test(name)) return name.replace(/ \d+$/, '');
  const table = TABLE.exec(text)?.[1];
  return table === undefined ? operationOf(text) : `${operationOf(text)} ${table}`;
}

/** storage/statement.ts */
const HASHED = /^s[0-9a-f]{20}$/;
const TABLE = /\b(?:from|into|update) fhir\."([A-Za-z_]{1,60})"/;

const operationOf = (text: string): string => /^\s*([a-z]{1,20})/i.exec(text)?.[1]?.toLowerCase() ?? 'other';

const attributesOf = (text: string): Record<string, string> => ({
  'db.system.name': 'postgresql',
  'db.operation.name': operationOf(text),
});
