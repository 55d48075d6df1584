/** Code systems in tables: written by loaders, read by SQL. */
export { ConceptWriter } from './concept-writer.ts';
export type {
  NewCodeSystem,
  NewConcept,
  NewDesignation,
  NewDisplay,
  NewParent,
  NewProperty,
  Piece,
  Progress,
} from './piece.ts';
export { listTables, removeTable } from './list-tables.ts';
export { findTable } from './table-content.ts';
