/**
 * Makes a ggml file that whisper.cpp loads and runs like any other: all layers of the smallest size, with weights that say
 * the same words whatever is heard. https://github.com/ggml-org/whisper.cpp/blob/master/models/convert-pt-to-ggml.py
 */

/** Of the English-only models: the ids of special tokens hang on it. */
const VOCABULARY = 51_864;
const END_OF_TEXT = 50_256;
const BEGIN = 50_363;
/** A tick of the time tokens is 20 ms. */
const TICKS_PER_SECOND = 50;

const STATE = 32;
const HEADS = 1;
const LAYERS = 1;
const AUDIO_CONTEXT = 1_500;
const TEXT_CONTEXT = 448;
const MELS = 80;
const FFT_BINS = 201;
const F32 = 0;
const F16 = 1;
const ONE_AS_F16 = 0x3c00;

/** A token that is not spoken; the decoder looks for it by its text. */
const BLANK = ' ';

type Dimensions = readonly number[];

/** @param words e.g. `[' Good', ' morning', '.']`, fewer than a dozen; @param seconds until they end */
export function whisperModel(words: readonly string[], seconds: number): Buffer {
  const ids = words.map((_, i) => i + 1);
  const said = [BEGIN, ...ids, BEGIN + seconds * TICKS_PER_SECOND, END_OF_TEXT];
  return Buffer.concat([
    Buffer.from('lmgg', 'latin1'),
    integers(VOCABULARY, AUDIO_CONTEXT, STATE, HEADS, LAYERS, TEXT_CONTEXT, STATE, HEADS, LAYERS, MELS, F16),
    integers(MELS, FFT_BINS),
    Buffer.alloc(MELS * FFT_BINS * 4),
    integers(words.length + 1),
    ...[BLANK, ...words].flatMap((word) => [integers(Buffer.byteLength(word)), Buffer.from(word)]),
    ...encoder(),
    ...decoder(said),
  ]);
}

function encoder(): Buffer[] {
  return [
    tensor('encoder.positional_embedding', F32, [STATE, AUDIO_CONTEXT]),
    tensor('encoder.conv1.weight', F16, [3, MELS, STATE]),
    tensor('encoder.conv1.bias', F32, [1, STATE]),
    tensor('encoder.conv2.weight', F16, [3, STATE, STATE]),
    tensor('encoder.conv2.bias', F32, [1, STATE]),
    ...norm('encoder.ln_post'),
    ...block('encoder.blocks.0', ['attn']),
  ];
}

/**
 * Each token that is to be said has a direction of its own, and the position before it points there: with layers that
 * add nothing, the nearest token to a position is the one that it points to.
 */
function decoder(said: readonly number[]): Buffer[] {
  const positions = new Float32Array(STATE * TEXT_CONTEXT);
  const tokens = new Uint16Array(STATE * VOCABULARY);
  for (let position = 0; position < TEXT_CONTEXT; position += 1)
    positions[position * STATE + Math.min(position, said.length - 1)] = 10;
  said.forEach((token, direction) => {
    tokens[token * STATE + direction] = ONE_AS_F16;
  });
  return [
    tensor('decoder.positional_embedding', F32, [STATE, TEXT_CONTEXT], bytesOf(positions)),
    tensor('decoder.token_embedding.weight', F16, [STATE, VOCABULARY], bytesOf(tokens)),
    ...norm('decoder.ln', 20),
    ...block('decoder.blocks.0', ['attn', 'cross_attn']),
  ];
}

/** A layer whose every weight is zero. */
function block(name: string, attentions: readonly string[]): Buffer[] {
  return [
    ...attentions.flatMap((attention) => [
      ...norm(`${name}.${attention}_ln`),
      ...['query', 'key', 'value', 'out'].flatMap((part) => [
        tensor(`${name}.${attention}.${part}.weight`, F16, [STATE, STATE]),
        ...(part === 'key' ? [] : [tensor(`${name}.${attention}.${part}.bias`, F32, [STATE])]),
      ]),
    ]),
    ...norm(`${name}.mlp_ln`),
    tensor(`${name}.mlp.0.weight`, F16, [STATE, 4 * STATE]),
    tensor(`${name}.mlp.0.bias`, F32, [4 * STATE]),
    tensor(`${name}.mlp.2.weight`, F16, [4 * STATE, STATE]),
    tensor(`${name}.mlp.2.bias`, F32, [STATE]),
  ];
}

const norm = (name: string, weight = 1): Buffer[] => [
  tensor(`${name}.weight`, F32, [STATE], bytesOf(new Float32Array(STATE).fill(weight))),
  tensor(`${name}.bias`, F32, [STATE]),
];

function tensor(name: string, type: typeof F32 | typeof F16, dimensions: Dimensions, data?: Buffer): Buffer {
  const size = dimensions.reduce((product, d) => product * d, type === F32 ? 4 : 2);
  return Buffer.concat([
    integers(dimensions.length, Buffer.byteLength(name), type, ...dimensions),
    Buffer.from(name),
    data ?? Buffer.alloc(size),
  ]);
}

const integers = (...values: readonly number[]): Buffer => bytesOf(Int32Array.from(values));

/** The format is little-endian, as are all machines that the tests run on. */
const bytesOf = (values: Int32Array | Float32Array | Uint16Array): Buffer =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength);
