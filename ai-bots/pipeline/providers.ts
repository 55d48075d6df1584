/** The providers of each stage by the short names that settings use. */
import type { Provider } from '../orchestrator/provider.ts';
import type { Candidate } from '../orchestrator/stage.ts';
import {
  embeddedCode,
  embeddedDraft,
  embeddedExtract,
  embeddedSummarise,
} from '../provider/embedded/index.ts';
import type {
  CodeProvider,
  DraftProvider,
  ExtractProvider,
  SummariseProvider,
  TranscribeProvider,
} from '../provider/stages.ts';
import { pocketsphinxProvider, whisperProvider } from '../provider/transcribe/index.ts';

export interface Providers {
  readonly transcribe: ReadonlyMap<string, TranscribeProvider>;
  readonly draft: ReadonlyMap<string, DraftProvider>;
  readonly extract: ReadonlyMap<string, ExtractProvider>;
  readonly code: ReadonlyMap<string, CodeProvider>;
  readonly summarise: ReadonlyMap<string, SummariseProvider>;
}

export type StageName = keyof Providers;

export interface LocalSettings {
  readonly whisperModel?: string;
  readonly whisperLanguage: string;
}

/** Those that run here. */
export const localProviders = ({ whisperModel, whisperLanguage }: LocalSettings): Providers => ({
  transcribe: new Map([
    ['whisper', whisperProvider(whisperModel, whisperLanguage)],
    ['pocketsphinx', pocketsphinxProvider()],
  ]),
  draft: new Map([['embedded', embeddedDraft]]),
  extract: new Map([['embedded', embeddedExtract]]),
  code: new Map([['embedded', embeddedCode]]),
  summarise: new Map([['embedded', embeddedSummarise]]),
});

/** Throws an Error that lists what is configured when a name is not. */
export function candidatesOf<Input, Output>(
  stage: StageName,
  providers: ReadonlyMap<string, Provider<Input, Output>>,
  names: readonly string[],
): Candidate<Input, Output>[] {
  const known = [...providers.keys()].join(', ');
  return [...new Set(names)].map((key) => {
    const provider = providers.get(key);
    if (provider === undefined)
      throw new Error(
        `AI_${stage.toUpperCase()}_PROVIDERS names ${key}, which is not known or not configured; there are: ${known}`,
      );
    return { key, provider };
  });
}
