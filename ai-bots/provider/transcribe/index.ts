/** The transcribe stage: written text as it is, else the recognisers that this machine has, best first. */
import { createStage, type Stage } from '../../orchestrator/index.ts';
import { pocketsphinxProvider } from './pocketsphinx.ts';
import type { Recognised, Recording } from './recording.ts';
import { textProvider } from './text.ts';
import { whisperProvider } from './whisper.ts';

export type { Recognised, Recording, Segment } from './recording.ts';

export interface TranscribeSettings {
  readonly whisperModel?: string;
  readonly language: string;
  readonly timeoutMs: number;
}

export function createTranscribeStage(settings: TranscribeSettings): Stage<Recording, Recognised> {
  const providers = [
    textProvider,
    whisperProvider(settings.whisperModel, settings.language),
    pocketsphinxProvider(),
  ];
  return createStage('transcribe', providers, { timeoutMs: settings.timeoutMs });
}
