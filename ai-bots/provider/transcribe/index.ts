/** The recognisers of speech that this repository knows, and text that needs none. */
export { pocketsphinxProvider } from './pocketsphinx.ts';
export { textProvider } from './text.ts';
export { whisperProvider } from './whisper.ts';
export type { Recognised, Recording, Segment } from './recording.ts';
