/** whisper.cpp itself with a model file that the test makes: loaded, run, stopped, and refused when it is damaged. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { encodeWav } from '../../provider/transcribe/wav.ts';
import { whisperProvider } from '../../provider/transcribe/whisper.ts';
import { whisperModel } from '../support/whisper-model.ts';

const signal = new AbortController().signal;
let folder = '';
let model = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'whisper-'));
  model = join(folder, 'tiny.bin');
  writeFileSync(model, whisperModel([' Good', ' morning', '.'], 1));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sound = (seconds: number) => ({
  contentType: 'audio/wav',
  data: encodeWav(new Int16Array(16_000 * seconds).map((_, i) => Math.round(8_000 * Math.sin(i / 6)))),
});

test('A recording goes through the model, and its words come back with times in milliseconds.', async () => {
  const provider = whisperProvider(model, 'en');
  expect(provider).toMatchObject({ name: 'whisper.cpp', version: 'tiny.bin', party: 'here' });
  expect(await provider.run(sound(1), signal)).toEqual({
    output: { kind: 'segments', segments: [{ startMs: 0, endMs: 1_000, text: 'Good morning.' }] },
    usage: { audioSeconds: 1 },
  });
}, 60_000);

test('A long recording is heard piece by piece, cut where nobody speaks, and several at once wait for each other.', async () => {
  const provider = whisperProvider(model, 'en');
  const recording = sound(62);
  // Half a second of silence around the 50th second.
  recording.data.fill(0, 44 + 2 * 16_000 * 49.75, 44 + 2 * 16_000 * 50.25);
  const [long, short] = await Promise.all([provider.run(recording, signal), provider.run(sound(1), signal)]);
  const starts =
    long.output.kind === 'segments'
      ? long.output.segments.filter((s) => s.text === 'Good morning.').map((s) => s.startMs)
      : [];
  expect(starts[0]).toBe(0);
  expect(starts.some((ms) => Math.abs(ms - 50_000) <= 250)).toBe(true);
  expect(long.usage).toEqual({ audioSeconds: 62 });
  expect(short.output).toMatchObject({ segments: [{ text: 'Good morning.' }] });
}, 120_000);

test('An abort is obeyed at once, with its reason, and the next recording is heard.', async () => {
  const provider = whisperProvider(model, 'en');
  await provider.run(sound(1), signal);
  const gaveUp = new AbortController();
  let said: unknown;
  const long = provider.run(sound(15), gaveUp.signal).catch((error: unknown) => (said = error));
  await setTimeout(50);
  expect(said).toBeUndefined();
  const reason = new Error('too late');
  gaveUp.abort(reason);
  // What is under way cannot be stopped, and is not waited for.
  await setImmediate();
  expect(said).toBe(reason);
  await long;
  const { output } = await provider.run(sound(1), signal);
  expect(output).toMatchObject({ segments: [{ text: 'Good morning.' }] });
}, 60_000);

test('A damaged model file is a fault of the settings, and can be mended without a restart.', async () => {
  const damaged = join(folder, 'damaged.bin');
  writeFileSync(damaged, whisperModel([' Good'], 1).subarray(0, 100_000));
  const provider = whisperProvider(damaged, 'en');
  await expect(provider.run(sound(1), signal)).rejects.toMatchObject({
    name: 'ProviderFault',
    kind: 'misconfigured',
  });
  writeFileSync(damaged, whisperModel([' Good'], 1));
  await expect(provider.run(sound(1), signal)).resolves.toMatchObject({ usage: { audioSeconds: 1 } });
}, 60_000);

test('Without a model, or without its file, recordings are refused in words.', () => {
  expect(whisperProvider(undefined, 'en').refusal(sound(1))).toBe('no model is configured (WHISPER_MODEL)');
  expect(whisperProvider('/nowhere.bin', 'en').refusal(sound(1))).toBe(
    'the model file of WHISPER_MODEL does not exist',
  );
});

test('What cannot be heard is rejected, so that it is not tried again.', async () => {
  const provider = whisperProvider(model, 'en');
  const short = { contentType: 'audio/wav', data: encodeWav(new Int16Array(100)) };
  await expect(provider.run(short, signal)).rejects.toMatchObject({
    kind: 'rejected',
    message: 'the recording is shorter than a tenth of a second',
  });
});
