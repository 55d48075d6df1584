/** The transcribe stage by an endpoint's Whisper: segments with times, no speakers. */
import { Ajv } from 'ajv';
import { toFile } from 'openai';
import { ProviderFault } from '../../orchestrator/provider.ts';
import type { TranscribeProvider } from '../stages.ts';
import { isSound, type Segment } from '../transcribe/recording.ts';
import { describe, type ChatModel } from './chat-provider.ts';
import { endpointFault } from './fault.ts';
import { list } from './form.ts';

/** https://platform.openai.com/docs/guides/speech-to-text */
const SIZE_MAX_BYTES = 25 * 1024 * 1024;

/** The service goes by the ending of the file's name. */
const ENDINGS: Readonly<Record<string, string>> = {
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/wave': 'wav',
  'audio/webm': 'webm',
  'video/webm': 'webm',
  'audio/ogg': 'ogg',
  'audio/opus': 'ogg',
  'application/ogg': 'ogg',
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/mp4': 'mp4',
  'video/mp4': 'mp4',
  'audio/x-m4a': 'm4a',
  'audio/m4a': 'm4a',
  'audio/flac': 'flac',
};

interface Heard {
  readonly duration?: number;
  readonly segments: readonly { readonly start: number; readonly end: number; readonly text: string }[];
}

const isHeard = new Ajv({ strict: true }).compile<Heard>({
  type: 'object',
  properties: {
    duration: { type: 'number', minimum: 0 },
    segments: list({
      type: 'object',
      properties: {
        start: { type: 'number', minimum: 0 },
        end: { type: 'number', minimum: 0 },
        text: { type: 'string' },
      },
      required: ['start', 'end', 'text'],
    }),
  },
  required: ['segments'],
});

/** @param language ISO 639-1 */
export function audioProvider(chat: ChatModel, language: string): TranscribeProvider {
  const { endpoint } = chat;
  return {
    ...describe(chat, language),
    refusal(recording) {
      if (!isSound(recording)) return 'the recording is not sound';
      if (ENDINGS[recording.contentType] === undefined)
        return `${endpoint.name} takes no recordings of type ${recording.contentType}`;
      return recording.data.length > SIZE_MAX_BYTES
        ? `the recording is larger than the 25 MB that ${endpoint.name} takes`
        : undefined;
    },
    async run({ contentType, data }, signal) {
      const heard = await hear(chat, data, contentType, language, signal);
      if (!isHeard(heard))
        throw new ProviderFault('unusable', `${endpoint.name} did not answer with timed segments`);
      const usage = heard.duration === undefined ? {} : { audioSeconds: heard.duration };
      const segments = heard.segments.map(toSegment).filter((s) => s.text !== '');
      if (segments.length === 0)
        throw new ProviderFault('unusable', `${endpoint.name} recognised no words`, { usage });
      return { output: { kind: 'segments', segments }, usage };
    },
  };
}

async function hear(
  { endpoint, model }: ChatModel,
  data: Buffer,
  contentType: string,
  language: string,
  signal: AbortSignal,
): Promise<unknown> {
  try {
    const file = await toFile(data, `recording.${ENDINGS[contentType]}`, { type: contentType });
    return await endpoint.client.audio.transcriptions.create(
      { file, model, language, response_format: 'verbose_json', timestamp_granularities: ['segment'] },
      { signal },
    );
  } catch (error) {
    throw endpointFault(error, endpoint.name, signal);
  }
}

const toSegment = ({ start, end, text }: Heard['segments'][number]): Segment => ({
  startMs: Math.round(start * 1000),
  endMs: Math.round(Math.max(start, end) * 1000),
  text: text.trim(),
});
