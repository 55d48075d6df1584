/** Search expression → SQL boolean over one row of a type's table. Everything from a request is bound. */
import type { Expression } from '../../search/index.ts';
import { hashKey } from './key-hash.ts';
import { stringTable } from './names.ts';
import { compileLastUpdated, compileRange } from './range.ts';
import { compileString } from './string.ts';

export interface CompileContext {
  readonly resourceType: string;
  /** Alias of the type's table in the statement. */
  readonly alias: string;
  /** Bind values of the statement so far; those of the expression are appended. */
  readonly values: unknown[];
}

/** May yield null for false; a negation inside the expression counts null as false, as `where` does. */
export function compileExpression(expression: Expression, context: CompileContext): string {
  const { alias, values } = context;
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
      return `${alias}.id = any(${bind(expression.ids, 'text[]')})`;
    case 'key':
      return `${alias}.keys && ${bind(expression.keys.map(hashKey), 'uuid[]')}`;
    case 'string':
      return compileString(expression, stringTable(context.resourceType), alias, bind);
    case 'range':
      return compileRange(expression.param, expression.comparison, alias, bind);
    case 'lastUpdated':
      return compileLastUpdated(expression.comparison, alias, bind);
  }
}

/** All single keys of a conjunction become one containment test, which GIN answers by one intersection. */
function compileAnd(of: readonly Expression[], context: CompileContext): string {
  const required: string[] = [];
  const parts: string[] = [];
  for (const part of of) {
    if (part.kind === 'key' && part.keys.length === 1) required.push(hashKey(part.keys[0]!));
    else parts.push(compileExpression(part, context));
  }
  if (required.length > 0)
    parts.unshift(`${context.alias}.keys @> $${context.values.push(required)}::uuid[]`);
  return parts.length === 0 ? 'true' : `(${parts.join(' and ')})`;
}
