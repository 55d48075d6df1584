/** The extract stage without any service: a dictionary, and what the words around a mention assert. */
import { extractEntities } from '../../clinical/index.ts';
import type { ExtractProvider } from '../stages.ts';
import { embedded } from './identity.ts';

export const embeddedExtractProvider: ExtractProvider = {
  ...embedded,
  refusal: () => undefined,
  run: ({ transcript }) => Promise.resolve({ output: extractEntities(transcript) }),
};
