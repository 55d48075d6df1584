/** Names of the tables of one loaded code system, made of its number alone. */

/** What concepts are found by: one narrow row each. */
export const indexTable = (id: number): string => `terminology.concept_index_${id}`;

/** What is told of them. */
export const detailTable = (id: number): string => `terminology.concept_detail_${id}`;

/** While it is loaded. */
export const stagingTable = (
  id: number,
  what: 'concept' | 'designation' | 'property' | 'parent' | 'progress',
): string => `terminology.staged_${what}_${id}`;
