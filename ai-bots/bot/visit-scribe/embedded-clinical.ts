/** The clinical pipeline that needs no cloud: `ai-bots/clinical`. */
import { draftNote, extractEntities, parseTranscript, toVtt, type Transcript } from '../../clinical/index.ts';
import type { ClinicalPipeline } from './clinical.ts';

const PROVIDER = 'Dr. Assistant embedded 0.1.0';

export const embeddedClinical: ClinicalPipeline<Transcript> = {
  parseTranscript,
  toVtt,
  draftNote: (transcript, gender) =>
    Promise.resolve({
      provider: PROVIDER,
      sections: draftNote(transcript, { patient: gender === undefined ? {} : { gender } }).sections,
    }),
  extractEntities: (transcript) =>
    Promise.resolve({ provider: PROVIDER, entities: extractEntities(transcript) }),
};
