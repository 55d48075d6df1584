/** Recordings at an endpoint's Whisper: what is sent, what comes back, what is refused before it is sent. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { azureEndpoint, compatibleEndpoint } from '../../../provider/openai/endpoint.ts';
import { audioProvider } from '../../../provider/openai/transcribe.ts';
import { encodeWav } from '../../../provider/transcribe/wav.ts';
import { API_VERSION, fakeOpenAi, filtered, KEY, type FakeOpenAi } from '../../support/fake-openai.ts';

const signal = new AbortController().signal;
const recording = { contentType: 'audio/wav', data: encodeWav(new Int16Array(16_000)) };
let fake: FakeOpenAi;
let provider: ReturnType<typeof audioProvider>;

beforeAll(async () => {
  fake = await fakeOpenAi(['whisper']);
  const settings = { endpoint: fake.url, apiVersion: API_VERSION, credential: { apiKey: KEY } };
  provider = audioProvider({ endpoint: azureEndpoint(settings), model: 'whisper' }, 'en');
});
afterAll(() => fake.close());

const heard = (segments: unknown): { status: number; body: unknown } => ({
  status: 200,
  body: { task: 'transcribe', language: 'english', duration: 8.47, text: 'Good morning.', segments },
});
const segment = {
  id: 0,
  seek: 0,
  start: 0.5,
  end: 1.75,
  text: ' Good morning.',
  tokens: [1],
  temperature: 0,
  avg_logprob: -0.2,
  compression_ratio: 1.2,
  no_speech_prob: 0.01,
};

test('A recording goes out as a file with its type and language, and comes back as segments with times.', async () => {
  fake.next(heard([segment, { ...segment, text: ' ' }]));
  expect(await provider.run(recording, signal)).toEqual({
    output: { kind: 'segments', segments: [{ startMs: 500, endMs: 1_750, text: 'Good morning.' }] },
    usage: { audioSeconds: 8.47 },
  });
  const asked = fake.asked.at(-1);
  expect(asked?.url.pathname).toBe('/openai/deployments/whisper/audio/transcriptions');
  const form = await new Response(new Uint8Array(asked?.body ?? []), {
    headers: { 'content-type': asked?.headers['content-type'] ?? '' },
  }).formData();
  expect(form.get('response_format')).toBe('verbose_json');
  expect(form.get('language')).toBe('en');
  const file = form.get('file') as File;
  expect([file.name, file.type, file.size]).toEqual(['recording.wav', 'audio/wav', recording.data.length]);
});

test("A clinic's own endpoint is asked under its base URL.", async () => {
  const endpoint = compatibleEndpoint({
    baseUrl: `${fake.url}/v1`,
    apiKey: KEY,
    party: 'clinic',
    jsonMode: 'schema',
  });
  fake.next(heard([segment]));
  await audioProvider({ endpoint, model: 'whisper' }, 'en').run(recording, signal);
  expect(fake.asked.at(-1)?.url.pathname).toBe('/v1/audio/transcriptions');
});

test.each([
  ['without segments', heard(undefined)],
  ['with times that are none', heard([{ ...segment, start: 'soon' }])],
  ['without a word', heard([])],
])('An answer %s is unusable.', async (_what, behaviour) => {
  fake.next(behaviour);
  await expect(provider.run(recording, signal)).rejects.toMatchObject({ kind: 'unusable' });
});

test('Faults are those of the endpoint.', async () => {
  fake.next(filtered('x'));
  await expect(provider.run(recording, signal)).rejects.toMatchObject({ kind: 'rejected' });
  fake.next('reset');
  await expect(provider.run(recording, signal)).rejects.toMatchObject({ kind: 'unavailable' });
  fake.next('silent');
  await expect(provider.run(recording, AbortSignal.timeout(50))).rejects.toMatchObject({
    name: 'TimeoutError',
  });
});

test.each([
  ['text/plain', 10, 'the recording is not sound'],
  ['audio/amr', 10, 'Azure OpenAI takes no recordings of type audio/amr'],
  ['audio/wav', 25 * 1024 * 1024 + 1, 'the recording is larger than the 25 MB that Azure OpenAI takes'],
  ['video/webm', 25 * 1024 * 1024, undefined],
])('A %s of %i bytes is refused in words, or taken.', (contentType, size, words) => {
  expect(provider.refusal({ contentType, data: Buffer.alloc(size) })).toBe(words);
});
