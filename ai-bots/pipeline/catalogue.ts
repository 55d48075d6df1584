/** The providers of each stage by the short names that settings use; one that nobody names is never made. */
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
import { readSettings } from '../sdk/settings.ts';
import { pocketsphinxProvider, whisperProvider } from '../provider/transcribe/index.ts';

export type Makers<P> = Readonly<Record<string, () => P>>;

export interface Catalogue {
  readonly transcribe: Makers<TranscribeProvider>;
  readonly draft: Makers<DraftProvider>;
  readonly extract: Makers<ExtractProvider>;
  readonly code: Makers<CodeProvider>;
  readonly summarise: Makers<SummariseProvider>;
}

export type StageName = keyof Catalogue;

export interface CatalogueSettings {
  readonly whisperModel?: string;
  readonly whisperLanguage: string;
}

/** Throws SettingsError. */
export function catalogueSettings(env: NodeJS.ProcessEnv): CatalogueSettings {
  const { text, optional, check } = readSettings(env);
  const settings = {
    ...optional('whisperModel', 'WHISPER_MODEL'),
    whisperLanguage: text('WHISPER_LANGUAGE', 'en'),
  };
  check();
  return settings;
}

export function createCatalogue({ whisperModel, whisperLanguage }: CatalogueSettings): Catalogue {
  return {
    transcribe: {
      whisper: () => whisperProvider(whisperModel, whisperLanguage),
      pocketsphinx: () => pocketsphinxProvider(),
    },
    draft: { embedded: () => embeddedDraft },
    extract: { embedded: () => embeddedExtract },
    code: { embedded: () => embeddedCode },
    summarise: { embedded: () => embeddedSummarise },
  };
}

/** Throws an Error that lists what is known when a name is not. */
export function candidatesOf<Input, Output>(
  stage: StageName,
  makers: Makers<Provider<Input, Output>>,
  names: readonly string[],
): Candidate<Input, Output>[] {
  const known = Object.keys(makers);
  return [...new Set(names)].map((key) => {
    const make = Object.hasOwn(makers, key) ? makers[key] : undefined;
    if (make === undefined)
      throw new Error(
        `AI_${stage.toUpperCase()}_PROVIDERS names ${key}; known are ${known.join(', ') || 'none'}`,
      );
    return { key, provider: make() };
  });
}
