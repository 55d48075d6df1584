/** whisper.cpp in this process, with weights that the operator supplies. https://github.com/mybigday/whisper.node */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { basename } from 'node:path';
import { bulkhead } from 'cockatiel';
import type { TranscribeProvider } from '../stages.ts';
import { mergeByTime, soundsOf } from './channels.ts';
import { isSound, type Segment } from './recording.ts';
import { secondsOf } from './wav.ts';

/** The part of the library's API that is used. Its package ships no type declarations. */
interface Whisper {
  readonly initWhisper: (options: { filePath: string; useGpu?: boolean }) => Promise<WhisperContext>;
}

interface WhisperContext {
  /** Samples as 16 bit PCM, 16 kHz, mono; segment times come in hundredths of a second. */
  transcribeData(
    samples: ArrayBuffer,
    options: { language: string; maxThreads: number },
  ): { stop(): Promise<void>; promise: Promise<WhisperResult> };
}

interface WhisperResult {
  readonly segments: readonly { readonly text: string; readonly t0: number; readonly t1: number }[];
  readonly isAborted: boolean;
}

/** @param model path of a ggml model file; undefined or missing: the provider refuses. @param language ISO 639-1 */
export function whisperProvider(model: string | undefined, language: string): TranscribeProvider {
  let context: Promise<WhisperContext> | undefined;
  // One context holds the state of one recognition, which takes all processors anyway: the others queue.
  const turn = bulkhead(1, Number.MAX_SAFE_INTEGER);
  return {
    name: 'whisper.cpp',
    version: model === undefined ? 'none' : basename(model),
    party: 'here',
    refusal(recording) {
      if (!isSound(recording)) return 'the recording is not sound';
      if (model === undefined) return 'no model is configured (WHISPER_MODEL)';
      return existsSync(model) ? undefined : 'the model file of WHISPER_MODEL does not exist';
    },
    async run(recording, signal) {
      const sounds = await soundsOf(recording, signal);
      // Loaded at the first recording and kept: it takes seconds and much memory.
      context ??= loadContext(model ?? '').catch((error: unknown) => {
        context = undefined;
        throw error;
      });
      const loaded = await context;
      const heard: Segment[][] = [];
      for (const samples of sounds)
        heard.push(await turn.execute(() => transcribe(loaded, samples, language, signal), signal));
      const segments = mergeByTime(heard);
      if (segments.length === 0) throw new Error('no words were recognised');
      const audioSeconds = sounds.reduce((sum, samples) => sum + secondsOf(samples), 0);
      return { output: { kind: 'segments', segments }, usage: { audioSeconds } };
    },
  };
}

async function loadContext(filePath: string): Promise<WhisperContext> {
  const require = createRequire(import.meta.url);
  const { initWhisper } = require('@fugood/whisper.node') as Whisper;
  return initWhisper({ filePath, useGpu: false });
}

async function transcribe(
  context: WhisperContext,
  samples: Int16Array,
  language: string,
  signal: AbortSignal,
): Promise<Segment[]> {
  const copy = new Int16Array(samples);
  const job = context.transcribeData(copy.buffer, { language, maxThreads: Math.max(1, cpus().length) });
  const stop = (): void => void job.stop().catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const result = await job.promise;
    signal.throwIfAborted();
    if (result.isAborted) throw new Error('the recognition was stopped');
    return result.segments
      .map((s) => ({ startMs: s.t0 * 10, endMs: s.t1 * 10, text: s.text.trim() }))
      .filter((s) => s.text !== '');
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
