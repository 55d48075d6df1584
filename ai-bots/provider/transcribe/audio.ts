/** Any recording → 16 kHz mono samples: WAV here, everything else through ffmpeg when it is installed. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram, inPrivateFolder, runProgram } from './program.ts';
import type { Recording } from './recording.ts';
import { decodeWav, RECOGNISER_RATE_HZ } from './wav.ts';

/** Throws an Error that says what is missing or wrong. */
export async function decodeAudio(recording: Recording, signal: AbortSignal): Promise<Int16Array> {
  const samples = decodeWav(recording.data) ?? (await decodeWithFfmpeg(recording, signal));
  if (samples.length < RECOGNISER_RATE_HZ / 10)
    throw new Error('the recording is shorter than a tenth of a second');
  return samples;
}

async function decodeWithFfmpeg(recording: Recording, signal: AbortSignal): Promise<Int16Array> {
  const ffmpeg = findProgram('ffmpeg');
  if (ffmpeg === undefined) {
    throw new Error(
      `recordings of type ${recording.contentType} need ffmpeg on the PATH; WAV works without it`,
    );
  }
  return inPrivateFolder(async (folder) => {
    const from = join(folder, 'recording');
    const to = join(folder, 'samples');
    await writeFile(from, recording.data, { mode: 0o600 });
    // Only files may be opened: a playlist inside an upload must not make ffmpeg fetch anything.
    const limits = ['-nostdin', '-hide_banner', '-loglevel', 'error', '-protocol_whitelist', 'file'];
    const format = ['-vn', '-ac', '1', '-ar', String(RECOGNISER_RATE_HZ), '-f', 's16le'];
    await runProgram(ffmpeg, [...limits, '-i', from, ...format, to], signal);
    const raw = await readFile(to);
    return new Int16Array(raw.buffer, raw.byteOffset, Math.floor(raw.byteLength / 2));
  });
}
