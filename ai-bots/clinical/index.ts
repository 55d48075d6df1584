/** The clinical pipeline that runs in this process: no network, no files but its lexicon and trained models. */
export { checkConsultation, type Consultation } from './consultation/index.ts';
export { extractEntities } from './extract/index.ts';
export { draftNote, sectionHeader } from './draft/index.ts';
export { parseTranscript, toVtt, withChannelRoles } from './transcript/index.ts';
export type {
  ClinicalEntity,
  DraftedNote,
  DraftPatient,
  NoteSection,
  NoteSentence,
  Transcript,
} from './types.ts';
