/** whisper.cpp in this process, with weights that the operator supplies. https://github.com/mybigday/whisper.node */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { basename } from 'node:path';
import { bulkhead } from 'cockatiel';
import { ProviderFault } from '../../orchestrator/provider.ts';
import type { TranscribeProvider } from '../stages.ts';
import { mergeByTime, soundsOf } from './channels.ts';
import { piecesOf } from './pieces.ts';
import { isSound, type Segment } from './recording.ts';
import { RECOGNISER_RATE_HZ, secondsOf } from './wav.ts';

/** The part of the library's API that is used. Its package ships no type declarations. */
interface Whisper {
  readonly initWhisper: (options: { filePath: string; useGpu?: boolean }) => Promise<WhisperContext>;
}

interface WhisperContext {
  /** Samples as 16 bit PCM, 16 kHz, mono; segment times come in milliseconds. Its own `stop` waits for the end all the same. */
  transcribeData(
    samples: ArrayBuffer,
    options: { language: string; maxThreads: number },
  ): { promise: Promise<WhisperResult> };
}

interface WhisperResult {
  readonly segments: readonly { readonly text: string; readonly t0: number; readonly t1: number }[];
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
    parameters: language,
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
        heard.push(
          await unlessAborted(
            turn.execute(() => transcribe(loaded, samples, language, signal), signal),
            signal,
          ),
        );
      const segments = mergeByTime(heard);
      if (segments.length === 0) throw new ProviderFault('unusable', 'no words were recognised');
      const audioSeconds = sounds.reduce((sum, samples) => sum + secondsOf(samples), 0);
      return { output: { kind: 'segments', segments }, usage: { audioSeconds } };
    },
  };
}

async function loadContext(filePath: string): Promise<WhisperContext> {
  const require = createRequire(import.meta.url);
  const { initWhisper } = require('@fugood/whisper.node') as Whisper;
  try {
    return await initWhisper({ filePath, useGpu: false });
  } catch {
    throw new ProviderFault('misconfigured', 'the model file of WHISPER_MODEL cannot be loaded');
  }
}

/** Piece by piece: a piece under way cannot be stopped, and those after it are not begun when the signal has aborted. */
async function transcribe(
  context: WhisperContext,
  samples: Int16Array,
  language: string,
  signal: AbortSignal,
): Promise<Segment[]> {
  const segments: Segment[] = [];
  const options = { language, maxThreads: Math.max(1, cpus().length) };
  for (const { from, to } of piecesOf(samples)) {
    signal.throwIfAborted();
    const result = await context.transcribeData(samples.slice(from, to).buffer, options).promise;
    const startMs = Math.round((from / RECOGNISER_RATE_HZ) * 1000);
    for (const { text, t0, t1 } of result.segments)
      if (text.trim() !== '')
        segments.push({ startMs: startMs + t0, endMs: startMs + t1, text: text.trim() });
  }
  return segments;
}

/** Does not wait for work that cannot be stopped. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
