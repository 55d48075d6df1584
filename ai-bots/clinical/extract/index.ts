/** The face of extract. */
export { extractEntities } from './extract-entities.ts';
export { mentionsIn } from './lexicon.ts';
