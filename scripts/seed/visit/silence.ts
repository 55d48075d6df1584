/** Half a second in which nobody speaks. http://soundfile.sapp.org/doc/WaveFormat/ */

const SAMPLES_PER_SECOND = 8_000;
const BYTES_PER_SAMPLE = 2;

/** A WAV file of 16-bit mono PCM. */
export function silence(seconds = 0.5): Buffer {
  const size = SAMPLES_PER_SECOND * seconds * BYTES_PER_SAMPLE;
  const wav = Buffer.alloc(44 + size);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + size, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(SAMPLES_PER_SECOND, 24);
  wav.writeUInt32LE(SAMPLES_PER_SECOND * BYTES_PER_SAMPLE, 28);
  wav.writeUInt16LE(BYTES_PER_SAMPLE, 32);
  wav.writeUInt16LE(8 * BYTES_PER_SAMPLE, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(size, 40);
  return wav;
}
