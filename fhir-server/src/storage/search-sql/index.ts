/** The face of search-sql: expressions, index rows and sort keys → SQL over the tables of docs/architecture. */
export { compileExpression, type CompileContext } from './compile-expression.ts';
export { encodeIndexRow, type EncodedIndexRow, type EncodedRange } from './encode-index-row.ts';
export { hashKey } from './key-hash.ts';
export {
  belongingOf,
  hasElements,
  linkColumns,
  mainDate,
  type RangeColumns,
  rangeColumns,
  quoteName,
  tableName,
} from './names.ts';
export { type Has, linkOf, probeKeys, referenceKeySql } from './reference.ts';
export {
  afterCursor,
  type CompiledSort,
  compileSort,
  piecesAfterCursor,
  selected,
  type SortContext,
  type SortValue,
} from './sort.ts';
