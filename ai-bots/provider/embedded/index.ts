/** The clinical pipeline of this repository as providers: no network, no files, milliseconds. */
import { draftNote, extractEntities } from '../../clinical/index.ts';
import type { CodeProvider, DraftProvider, ExtractProvider, SummariseProvider } from '../stages.ts';
import { listFacts } from './list-facts.ts';

const embedded = { name: 'Dr. Assistant embedded', version: '0.1.0', party: 'here', isQuick: true } as const;

export const embeddedDraft: DraftProvider = {
  ...embedded,
  refusal: () => undefined,
  run: ({ transcript, patient }) => Promise.resolve({ output: draftNote(transcript, { patient }) }),
};

export const embeddedExtract: ExtractProvider = {
  ...embedded,
  refusal: () => undefined,
  run: ({ transcript }) => Promise.resolve({ output: extractEntities(transcript) }),
};

/** The lexicon gives its codes while it extracts: what came without one stays without. */
export const embeddedCode: CodeProvider = {
  ...embedded,
  refusal: () => undefined,
  run: ({ entities }) => Promise.resolve({ output: entities }),
};

export const embeddedSummarise: SummariseProvider = {
  ...embedded,
  refusal: () => undefined,
  run: ({ facts }) => Promise.resolve({ output: listFacts(facts) }),
};
