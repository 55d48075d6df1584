/** Code systems in tables: written by loaders, read by SQL. */
export {
  ConceptWriter,
  type NewCodeSystem,
  type NewConcept,
  type NewDesignation,
  type NewParent,
  type NewProperty,
} from './concept-writer.ts';
export { findTable } from './table-content.ts';
