/** The audio way with real speech: synthesised by flite, recognised by pocketsphinx. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { program, testWith } from '../../../fhir-server/test/support/requirement.ts';
import { createPipeline } from '../../pipeline/index.ts';
import { createProviders, loadProviderSettings } from '../../provider/index.ts';
import { pipelineSettings } from '../../pipeline/settings.ts';
import type { Recognised } from '../../provider/transcribe/index.ts';
import { decodeWav, encodeWav } from '../../provider/transcribe/wav.ts';
import { parseJsonLines, parseTimedWords } from '../../provider/transcribe/pocketsphinx.ts';

const words = 'I have had a headache for three days.';
const call = { signal: new AbortController().signal };
const logger = { info: () => undefined, warn: () => undefined };
const stage = createPipeline(pipelineSettings({}), {
  providers: createProviders(loadProviderSettings({}, []), () => undefined),
  registry: new Registry(),
  logger,
}).transcribe;
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'speech-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function speak(): string {
  const file = join(folder, 'speech.wav');
  execFileSync('flite', ['-voice', 'slt', '-t', words, '-o', file]);
  return file;
}

const textOf = (output: Recognised): string =>
  output.kind === 'text' ? output.text : output.segments.map((s) => s.text).join(' ');

const speech = [program('flite'), program('pocketsphinx_continuous')] as const;

testWith(...speech)(
  'Spoken WAV is recognised with times, and the answer says who recognised it and how well.',
  async () => {
    const recording = { contentType: 'audio/wav', data: readFileSync(speak()) };
    const { provider, output, passedOver } = await stage.run(recording, call);
    expect(provider).toMatchObject({ name: 'pocketsphinx', remark: 'demo quality' });
    expect(textOf(output)).toContain('headache for three days');
    expect(output).toMatchObject({
      kind: 'segments',
      segments: [{ startMs: expect.any(Number) as unknown }],
    });
    expect(passedOver).toContainEqual({
      provider: 'whisper.cpp',
      reason: 'no model is configured (WHISPER_MODEL)',
      kind: 'refused',
    });
  },
  60_000,
);

testWith(...speech, program('ffmpeg'))(
  'Spoken Ogg is decoded by ffmpeg and recognised.',
  async () => {
    const file = join(folder, 'speech.ogg');
    execFileSync('ffmpeg', [
      '-nostdin',
      '-loglevel',
      'error',
      '-y',
      '-i',
      speak(),
      '-c:a',
      'libvorbis',
      file,
    ]);
    const { output } = await stage.run({ contentType: 'audio/ogg', data: readFileSync(file) }, call);
    expect(textOf(output)).toContain('headache');
  },
  60_000,
);

test('Text is taken as it is, whatever recognisers there are.', async () => {
  const { provider, output } = await stage.run(
    { contentType: 'text/plain', data: Buffer.from('hallo') },
    call,
  );
  expect(provider.name).toBe('written transcript');
  expect(output).toEqual({ kind: 'text', contentType: 'text/plain', text: 'hallo' });
});

test('A picture is recognised by nobody, and each provider says why.', async () => {
  const picture = { contentType: 'image/png', data: Buffer.alloc(10) };
  await expect(stage.run(picture, call)).rejects.toMatchObject({
    name: 'NoProviderError',
    passedOver: [
      { provider: 'written transcript', reason: 'the recording is not text' },
      { provider: 'whisper.cpp', reason: 'the recording is not sound' },
      { provider: 'pocketsphinx', reason: 'the recording is not sound' },
    ],
  });
});

test('Timed words become one segment per utterance.', () => {
  const output =
    'good morning\n<s> 0.0 0.2 0.9\ngood(2) 0.21 0.34 0.2\nmorning 0.35 1.0 0.9\n</s> 1.0 1.1 1.0\n';
  expect(parseTimedWords(output)).toEqual([{ startMs: 210, endMs: 1_000, text: 'good morning' }]);
});

test('JSON lines of version 5 become segments.', () => {
  expect(parseJsonLines('{"b":0.5,"d":1.25,"p":1,"t":"good morning","w":[]}\n')).toEqual([
    { startMs: 500, endMs: 1_750, text: 'good morning' },
  ]);
});

/** The words of two speakers, one a channel: the other is silent meanwhile. */
function speakInStereo(left: string, right: string): Buffer {
  const [a, b] = [left, right].map((text, i) => {
    const file = join(folder, `channel-${i}.wav`);
    execFileSync('flite', ['-voice', i === 0 ? 'slt' : 'rms', '-t', text, '-o', file]);
    return decodeWav(readFileSync(file)) ?? new Int16Array();
  });
  const [first, second] = [a ?? new Int16Array(), b ?? new Int16Array()];
  const data = Buffer.alloc((first.length + second.length) * 4);
  first.forEach((sample, i) => data.writeInt16LE(sample, i * 4));
  second.forEach((sample, i) => data.writeInt16LE(sample, (first.length + i) * 4 + 2));
  const header = encodeWav(new Int16Array()).subarray(0, 44);
  header.writeUInt16LE(2, 22);
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}

testWith(...speech)(
  'Two microphones give each segment its channel, in the order in which it was said.',
  async () => {
    const data = speakInStereo('Do you have any pain?', words);
    const { output } = await stage.run({ contentType: 'audio/wav', data }, call);
    const segments = output.kind === 'segments' ? output.segments : [];
    expect(segments.map(({ channel }) => channel)).toEqual(
      segments.map(({ channel }) => channel ?? NaN).toSorted((a, b) => a - b),
    );
    const second = segments.filter(({ channel }) => channel === 1).map(({ text }) => text);
    expect(second.join(' ')).toContain('three days');
  },
  60_000,
);
