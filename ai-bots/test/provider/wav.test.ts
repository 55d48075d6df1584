/** WAV files of the kinds that recorders make, down to 16 kHz mono. */
import { expect, test } from '@jest/globals';
import { areSpeakers, mergeByTime, soundsOf } from '../../provider/transcribe/channels.ts';
import {
  decodeWav,
  decodeWavChannels,
  encodeWav,
  RECOGNISER_RATE_HZ,
} from '../../provider/transcribe/wav.ts';

/** One second of a 440 Hz tone at half of the full scale. */
function tone(options: {
  rateHz: number;
  channels: number;
  bits: 8 | 16 | 24 | 32;
  dataSize?: number;
}): Buffer {
  const { rateHz, channels, bits } = options;
  const bytes = bits / 8;
  const data = Buffer.alloc(rateHz * channels * bytes);
  for (let i = 0; i < rateHz * channels; i += 1) {
    const value = 0.5 * Math.sin((2 * Math.PI * 440 * Math.floor(i / channels)) / rateHz);
    if (bits === 8) data.writeUInt8(128 + Math.round(value * 127), i);
    else data.writeIntLE(Math.round(value * (2 ** (bits - 1) - 1)), i * bytes, bytes);
  }
  const header = encodeWav(new Int16Array()).subarray(0, 44);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(rateHz, 24);
  header.writeUInt16LE(bits, 34);
  header.writeUInt32LE(options.dataSize ?? data.length, 40);
  return Buffer.concat([header, data]);
}

const loudness = (samples: Int16Array): number =>
  Math.sqrt(samples.reduce((sum, s) => sum + (s / 32_767) ** 2, 0) / samples.length);

test.each([
  { rateHz: 16_000, channels: 1, bits: 16 },
  { rateHz: 48_000, channels: 2, bits: 16 },
  { rateHz: 44_100, channels: 1, bits: 24 },
  { rateHz: 8_000, channels: 1, bits: 8 },
  { rateHz: 22_050, channels: 2, bits: 32 },
] as const)('A second of a tone at %j keeps its length and its loudness.', (format) => {
  const samples = decodeWav(tone(format));
  expect(samples).toBeDefined();
  expect(Math.abs((samples?.length ?? 0) - RECOGNISER_RATE_HZ)).toBeLessThanOrEqual(1);
  expect(loudness(samples ?? new Int16Array())).toBeCloseTo(0.5 / Math.SQRT2, 1);
});

test('A recording that was streamed has no length in its header and is read to its end.', () => {
  const samples = decodeWav(tone({ rateHz: 16_000, channels: 1, bits: 16, dataSize: 0xffff_ffff }));
  expect(samples).toHaveLength(RECOGNISER_RATE_HZ);
});

test('What is not a WAV file is left to others.', () => {
  expect(decodeWav(Buffer.from('OggS and so on, long enough to have a header'))).toBeUndefined();
  expect(decodeWav(Buffer.alloc(0))).toBeUndefined();
});

test('A WAV file without sound is refused in words.', () => {
  expect(() => decodeWav(tone({ rateHz: 16_000, channels: 1, bits: 16 }).subarray(0, 36))).toThrow(
    'has no sound',
  );
});

test('What was encoded decodes to the same samples.', () => {
  const samples = Int16Array.from([0, 1_000, -1_000, 32_767, -32_768]);
  const decoded = decodeWav(encodeWav(samples)) ?? [];
  expect([...decoded].map((s, i) => Math.abs(s - (samples[i] ?? 0)) <= 1)).not.toContain(false);
});

/** Two seconds in stereo: what each channel's loudness is, a second each. */
function stereo(loudness: readonly (readonly [left: number, right: number])[]): Buffer {
  const frames = loudness.length * RECOGNISER_RATE_HZ;
  const data = Buffer.alloc(frames * 4);
  for (let i = 0; i < frames; i += 1) {
    const value = Math.sin((2 * Math.PI * 440 * i) / RECOGNISER_RATE_HZ) * 32_000;
    const [left = 0, right = 0] = loudness[Math.floor(i / RECOGNISER_RATE_HZ)] ?? [];
    data.writeInt16LE(Math.round(value * left), i * 4);
    data.writeInt16LE(Math.round(value * right), i * 4 + 2);
  }
  const header = encodeWav(new Int16Array()).subarray(0, 44);
  header.writeUInt16LE(2, 22);
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}

const wav = (data: Buffer) => ({ contentType: 'audio/wav', data });
const { signal } = new AbortController();

test('A stereo file is split into its channels, each as loud as it was.', () => {
  const [left, right] = decodeWavChannels(stereo([[0.5, 0.1]])) ?? [];
  expect(loudness(left ?? new Int16Array())).toBeCloseTo(0.5 / Math.SQRT2, 1);
  expect(loudness(right ?? new Int16Array())).toBeCloseTo(0.1 / Math.SQRT2, 1);
  expect(decodeWavChannels(tone({ rateHz: 16_000, channels: 1, bits: 16 }))).toBeUndefined();
});

test.each([
  ['two microphones, each with its speaker', [[0.8, 0.05], [0.04, 0.7], [0.8, 0.02]], 2], // prettier-ignore
  [
    'a room in stereo',
    [
      [0.8, 0.6],
      [0.5, 0.7],
    ],
    1,
  ],
  ['one microphone and a dead channel', [[0.8, 0], [0.7, 0]], 1], // prettier-ignore
  ['silence', [[0, 0], [0, 0]], 1], // prettier-ignore
] as const)('%s', async (_what, seconds, sounds) => {
  const file = stereo(seconds);
  const channels = decodeWavChannels(file);
  expect(channels !== undefined && areSpeakers(channels)).toBe(sounds === 2);
  expect(await soundsOf(wav(file), signal)).toHaveLength(sounds);
});

test('What two channels heard is put in order of time and keeps its channel.', () => {
  const at = (startMs: number, text: string) => ({ startMs, endMs: startMs + 500, text });
  const merged = mergeByTime([
    [at(0, 'a'), at(2000, 'c'), at(3000, 'd')],
    [at(1000, 'b'), at(3000, 'e')],
  ]);
  expect(merged.map(({ text, channel }) => `${text}${channel}`)).toEqual(['a0', 'b1', 'c0', 'd0', 'e1']);
  expect(mergeByTime([[at(0, 'a')]])).toEqual([at(0, 'a')]);
});
