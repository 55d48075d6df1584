/** The face of extract. */
export { extractEntities } from './extract-entities.ts';
export { mentionsIn, type Mention } from './lexicon.ts';
