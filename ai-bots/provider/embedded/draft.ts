/** The draft stage without any service: rules and word lists, in milliseconds. */
import { draftNote } from '../../clinical/index.ts';
import type { DraftProvider } from '../stages.ts';
import { embedded } from './identity.ts';

export const embeddedDraftProvider: DraftProvider = {
  ...embedded,
  refusal: () => undefined,
  run: ({ transcript, patient }) => Promise.resolve({ output: draftNote(transcript, { patient }) }),
};
