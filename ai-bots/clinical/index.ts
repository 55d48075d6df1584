/** The clinical pipeline that runs in this process: no network, no files but the lexicon. */
export { extractEntities } from './extract/index.ts';
export { draftNote } from './draft/index.ts';
export { parseTranscript, toVtt } from './transcript/index.ts';
export type {
  ClinicalEntity,
  DraftedNote,
  DraftPatient,
  NoteSection,
  NoteSentence,
  Transcript,
} from './types.ts';
