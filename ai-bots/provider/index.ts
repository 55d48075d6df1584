/** All providers that are configured, by stage and name. Their order, limits and fallbacks are the orchestrator's. */
import { batchProvider } from './aws-transcribe/batch.ts';
import { openBucket } from './aws-transcribe/bucket.ts';
import { healthScribe } from './aws-transcribe/health-scribe.ts';
import { transcribeMedical } from './aws-transcribe/medical.ts';
import { comprehendCodeProvider } from './comprehend-medical/code.ts';
import { comprehendExtractProvider } from './comprehend-medical/extract.ts';
import { embeddedCodeProvider } from './embedded/code.ts';
import { embeddedDraftProvider } from './embedded/draft.ts';
import { embeddedExtractProvider } from './embedded/extract.ts';
import { embeddedSummariseProvider } from './embedded/summarise.ts';
import type { ChatModel } from './openai/chat-provider.ts';
import { chatDraftProvider } from './openai/draft.ts';
import { azureEndpoint, compatibleEndpoint, type Endpoint } from './openai/endpoint.ts';
import { chatExtractProvider } from './openai/extract.ts';
import { chatSummariseProvider } from './openai/summarise.ts';
import { audioProvider } from './openai/transcribe.ts';
import type { ProviderSettings } from './settings.ts';
import type {
  CodeProvider,
  DraftProvider,
  ExtractProvider,
  SummariseProvider,
  TranscribeProvider,
} from './stages.ts';
import { createAsk } from './terminology/ask.ts';
import { terminologyCodeProvider } from './terminology/code.ts';
import { pocketsphinxProvider } from './transcribe/pocketsphinx.ts';
import { whisperProvider } from './transcribe/whisper.ts';

export { loadProviderSettings, type ProviderSettings } from './settings.ts';

/** The names are those that an operator writes in an order of providers. */
export interface Providers {
  readonly transcribe: ReadonlyMap<string, TranscribeProvider>;
  readonly draft: ReadonlyMap<string, DraftProvider>;
  readonly extract: ReadonlyMap<string, ExtractProvider>;
  readonly code: ReadonlyMap<string, CodeProvider>;
  readonly summarise: ReadonlyMap<string, SummariseProvider>;
}

const JOB_POLL_MS = 5_000;

/** @param warn told in words without PHI when something of a recording could not be deleted from a bucket */
export function createProviders(settings: ProviderSettings, warn: (message: string) => void): Providers {
  const { language, whisperModel, azure, compatible, aws, terminology } = settings;
  const providers = {
    transcribe: new Map<string, TranscribeProvider>([
      ['whisper', whisperProvider(whisperModel, language)],
      ['pocketsphinx', pocketsphinxProvider()],
    ]),
    draft: new Map<string, DraftProvider>([['embedded', embeddedDraftProvider]]),
    extract: new Map<string, ExtractProvider>([['embedded', embeddedExtractProvider]]),
    code: new Map<string, CodeProvider>([['embedded', embeddedCodeProvider]]),
    summarise: new Map<string, SummariseProvider>([['embedded', embeddedSummariseProvider]]),
  };
  const addEndpoint = (name: string, endpoint: Endpoint, models: { chat?: string; audio?: string }): void => {
    if (models.audio !== undefined)
      providers.transcribe.set(name, audioProvider({ endpoint, model: models.audio }, language));
    if (models.chat === undefined) return;
    const chat: ChatModel = { endpoint, model: models.chat };
    providers.draft.set(name, chatDraftProvider(chat));
    providers.extract.set(name, chatExtractProvider(chat));
    providers.summarise.set(name, chatSummariseProvider(chat));
  };
  if (azure !== undefined) addEndpoint('azure-openai', azureEndpoint(azure.endpoint), azure);
  if (compatible !== undefined) addEndpoint('openai', compatibleEndpoint(compatible.endpoint), compatible);
  if (aws.comprehendMedical !== undefined) {
    const { connection, code } = aws.comprehendMedical;
    providers.extract.set('comprehend-medical', comprehendExtractProvider(connection));
    providers.code.set('comprehend-medical', comprehendCodeProvider(connection, code));
  }
  if (terminology !== undefined)
    providers.code.set('terminology', terminologyCodeProvider(createAsk(terminology)));
  if (aws.transcribe !== undefined) {
    const { connection, bucketConnection, specialty, healthScribeRoleArn } = aws.transcribe;
    const bucket = openBucket(bucketConnection, aws.transcribe.bucket);
    const options = { pollMs: JOB_POLL_MS, warn };
    const medical = transcribeMedical(connection, bucket, specialty);
    providers.transcribe.set('transcribe-medical', batchProvider(medical, bucket, language, options));
    if (healthScribeRoleArn !== undefined) {
      const scribe = healthScribe(connection, bucket, healthScribeRoleArn);
      providers.transcribe.set('health-scribe', batchProvider(scribe, bucket, language, options));
    }
  }
  return providers;
}
