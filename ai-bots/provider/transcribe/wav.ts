/** PCM WAV in and out: what recognisers take is 16 kHz, mono, 16 bit. http://soundfile.sapp.org/doc/WaveFormat/ */
export const RECOGNISER_RATE_HZ = 16_000;

export const secondsOf = (samples: Int16Array): number => samples.length / RECOGNISER_RATE_HZ;

interface Format {
  readonly code: number;
  readonly channels: number;
  readonly rateHz: number;
  readonly bits: number;
}

const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;

/** Samples at 16 kHz, mono; undefined when the file is not a WAV of a kind known here. Throws when it is cut short. */
export function decodeWav(file: Buffer): Int16Array | undefined {
  const sound = readWav(file);
  return sound && resample(mixDown(sound.data, sound.format), sound.format.rateHz);
}

/** Both channels of a stereo WAV at 16 kHz; undefined for any other file. */
export function decodeWavChannels(file: Buffer): readonly [Int16Array, Int16Array] | undefined {
  const sound = readWav(file);
  if (sound?.format.channels !== 2) return undefined;
  const { data, format } = sound;
  const channel = (c: number): Int16Array => resample(mixDown(data, format, [c]), format.rateHz);
  return [channel(0), channel(1)];
}

interface Sound {
  readonly data: Buffer;
  readonly format: Format;
}

function readWav(file: Buffer): Sound | undefined {
  if (
    file.length < 12 ||
    file.toString('latin1', 0, 4) !== 'RIFF' ||
    file.toString('latin1', 8, 12) !== 'WAVE'
  ) {
    return undefined;
  }
  let format: Format | undefined;
  for (let at = 12; at + 8 <= file.length;) {
    const name = file.toString('latin1', at, at + 4);
    const size = file.readUInt32LE(at + 4);
    const body = at + 8;
    if (name === 'fmt ') format = readFormat(file, body, size);
    if (name === 'data') {
      if (format === undefined) return undefined;
      // Recorders that stream leave the size at zero or at its maximum.
      const end = size === 0 || size === 0xffff_ffff ? file.length : Math.min(file.length, body + size);
      return { data: file.subarray(body, end), format };
    }
    at = body + size + (size % 2);
  }
  throw new Error('the WAV file has no sound in it');
}

function readFormat(file: Buffer, at: number, size: number): Format | undefined {
  if (size < 16 || at + size > file.length) throw new Error('the WAV file is cut short');
  const declared = file.readUInt16LE(at);
  const code = declared === EXTENSIBLE && size >= 26 ? file.readUInt16LE(at + 24) : declared;
  const format = {
    code,
    channels: file.readUInt16LE(at + 2),
    rateHz: file.readUInt32LE(at + 4),
    bits: file.readUInt16LE(at + 14),
  };
  const known =
    (code === PCM && [8, 16, 24, 32].includes(format.bits)) || (code === FLOAT && format.bits === 32);
  return known && format.channels > 0 && format.rateHz > 0 ? format : undefined;
}

/** Average of the channels, all or the ones named, −1…1. */
function mixDown(
  data: Buffer,
  format: Format,
  channels: readonly number[] = Array.from({ length: format.channels }, (_, c) => c),
): Float32Array {
  const bytes = format.bits / 8;
  const frames = Math.floor(data.length / (bytes * format.channels));
  const read = sampleReader(data, format);
  const mono = new Float32Array(frames);
  for (let frame = 0; frame < frames; frame += 1) {
    let sum = 0;
    for (const c of channels) sum += read((frame * format.channels + c) * bytes);
    mono[frame] = sum / channels.length;
  }
  return mono;
}

function sampleReader(data: Buffer, { code, bits }: Format): (at: number) => number {
  if (code === FLOAT) return (at) => data.readFloatLE(at);
  if (bits === 8) return (at) => (data.readUInt8(at) - 128) / 128;
  return (at) => data.readIntLE(at, bits / 8) / 2 ** (bits - 1);
}

/** Linear interpolation over the mean of the samples that fall away: enough for speech. */
function resample(samples: Float32Array, rateHz: number): Int16Array {
  const step = rateHz / RECOGNISER_RATE_HZ;
  const out = new Int16Array(Math.floor(samples.length / step));
  for (let i = 0; i < out.length; i += 1) {
    const value = step <= 1 ? interpolate(samples, i * step) : mean(samples, i * step, (i + 1) * step);
    out[i] = Math.max(-32_768, Math.min(32_767, Math.round(value * 32_767)));
  }
  return out;
}

function interpolate(samples: Float32Array, at: number): number {
  const left = Math.floor(at);
  const a = samples[left] ?? 0;
  return a + ((samples[left + 1] ?? a) - a) * (at - left);
}

function mean(samples: Float32Array, from: number, to: number): number {
  const first = Math.floor(from);
  const last = Math.max(first + 1, Math.min(samples.length, Math.floor(to)));
  let sum = 0;
  for (let i = first; i < last; i += 1) sum += samples[i] ?? 0;
  return sum / (last - first);
}

/** A WAV file of 16 kHz mono samples. */
export function encodeWav(samples: Int16Array): Buffer {
  const data = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + data.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(PCM, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(RECOGNISER_RATE_HZ, 24);
  header.writeUInt32LE(RECOGNISER_RATE_HZ * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}
