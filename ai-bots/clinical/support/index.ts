/** Holds what any provider answered against what was said; pure. */
export { checkCodes } from './check-codes.ts';
export { checkEntities } from './check-entities.ts';
export { checkNote } from './check-note.ts';
export { factsSay, isInstruction } from './facts.ts';
