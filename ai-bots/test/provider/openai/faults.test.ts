/** Every way in which an endpoint can fail, as the kind of fault that it is, without a word of the visit. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ProviderFault } from '../../../orchestrator/provider.ts';
import { azureEndpoint } from '../../../provider/openai/endpoint.ts';
import { chatDraftProvider } from '../../../provider/openai/draft.ts';
import type { Behaviour } from '../../support/fake-http.ts';
import { deadUrl } from '../../support/fake-http.ts';
import {
  API_VERSION,
  completion,
  failure,
  fakeOpenAi,
  filtered,
  KEY,
  throttled,
  type FakeOpenAi,
} from '../../support/fake-openai.ts';

const SAID = 'My chest hurts since Tuesday.';
const input = { transcript: { segments: [{ id: 'c1', text: SAID }] }, patient: {} };
const never = new AbortController().signal;
let fake: FakeOpenAi;

beforeAll(async () => {
  fake = await fakeOpenAi(['scribe']);
});
afterAll(() => fake.close());

const provider = (endpoint = fake.url, apiKey = KEY, model = 'scribe', apiVersion = API_VERSION) =>
  chatDraftProvider({ endpoint: azureEndpoint({ endpoint, apiVersion, credential: { apiKey } }), model });

async function faultOf(work: Promise<unknown>): Promise<ProviderFault> {
  const fault = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(fault).toBeInstanceOf(ProviderFault);
  const texts = [
    (fault as Error).message,
    (fault as Error).stack,
    JSON.stringify(fault),
    String((fault as Error).cause),
  ];
  expect(texts.join(' ')).not.toContain('chest');
  return fault as ProviderFault;
}

const note = (text: string, segments: readonly string[]): string =>
  JSON.stringify({ sections: [{ section: 'history', sentences: [{ text, segments }] }] });

const cases: readonly (readonly [what: string, behaviour: () => Behaviour, expected: object])[] = [
  [
    'too many questions, with seconds',
    () => throttled({ 'retry-after': '7' }),
    { kind: 'throttled', retryAfterMs: 7_000 },
  ],
  [
    'too many questions, with milliseconds',
    () => throttled({ 'retry-after-ms': '250', 'retry-after': '1' }),
    { kind: 'throttled', retryAfterMs: 250 },
  ],
  ['too many questions, with nothing', () => throttled({}), { kind: 'throttled', retryAfterMs: undefined }],
  ['a used-up quota', () => failure(429, 'insufficient_quota', 'no money'), { kind: 'misconfigured' }],
  ['a filtered prompt', () => filtered(SAID), { kind: 'rejected' }],
  [
    'a filtered answer',
    () => completion(null, { finish_reason: 'content_filter' }),
    { kind: 'rejected', usage: { inputTokens: 120, outputTokens: 30 } },
  ],
  [
    'an answer that the filter marks',
    () => completion('{}', { content_filter_results: { self_harm: { filtered: true, severity: 'high' } } }),
    { kind: 'rejected' },
  ],
  ['a refusal of the model', () => completion(null, {}, { refusal: SAID }), { kind: 'rejected' }],
  [
    'a transcript that is too long',
    () => failure(400, 'context_length_exceeded', SAID),
    { kind: 'rejected' },
  ],
  ['another complaint about the request', () => failure(400, 'bad', SAID), { kind: 'rejected' }],
  [
    'a model without structured output',
    () => failure(400, 'unsupported', 'no', { param: 'response_format' }),
    { kind: 'misconfigured' },
  ],
  [
    'a cut-off answer',
    () => completion('{"sections":[{"sec', { finish_reason: 'length' }),
    { kind: 'unusable', usage: { inputTokens: 120, outputTokens: 30 } },
  ],
  ['an answer that is no JSON', () => completion('Here is your note: chest pain'), { kind: 'unusable' }],
  ['an answer in another form', () => completion('{"note":"chest"}'), { kind: 'unusable' }],
  [
    'a section that does not exist',
    () => completion(note('Chest pain.', ['c1']).replace('history', 'orders')),
    { kind: 'unusable' },
  ],
  ['a source that does not exist', () => completion(note('Chest pain.', ['c9'])), { kind: 'unusable' }],
  ['a sentence without a source', () => completion(note('Chest pain.', [])), { kind: 'unusable' }],
  ['an answer without choices', () => ({ status: 200, body: { choices: [] } }), { kind: 'unusable' }],
  [
    'a body that is no JSON',
    () => ({ status: 200, headers: { 'content-type': 'application/json' }, body: '<html>' }),
    { kind: 'unusable' },
  ],
  [
    'a page of a proxy',
    () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }),
    { kind: 'unusable' },
  ],
  [
    'an empty body',
    () => ({ status: 200, headers: { 'content-type': 'application/json' }, body: '' }),
    { kind: 'unusable' },
  ],
  ['a fault of the server', () => failure(500, 'InternalServerError', 'oops'), { kind: 'unavailable' }],
  [
    'a server that is overloaded',
    () => ({ status: 503, headers: { 'retry-after': '3' }, body: 'busy' }),
    { kind: 'unavailable', retryAfterMs: 3_000 },
  ],
  [
    'a redirect',
    () => ({ status: 307, headers: { location: 'http://127.0.0.1:1/' } }),
    { kind: 'misconfigured' },
  ],
  ['a connection that is reset', () => 'reset', { kind: 'unavailable' }],
  ['a connection that is cut in the middle of an answer', () => 'torn', { kind: 'unavailable' }],
];

test.each(cases)(
  'One attempt that meets %s ends in a fault of its kind.',
  async (_what, behaviour, expected) => {
    const before = fake.asked.length;
    fake.next(behaviour());
    const fault = await faultOf(provider().run(input, never));
    expect(fault).toMatchObject(expected);
    expect(fake.asked.length - before).toBe(1);
  },
);

describe('Settings that are wrong', () => {
  test.each([
    ['key', () => provider(fake.url, 'wrong'), /does not accept the key/],
    ['deployment', () => provider(fake.url, KEY, 'other'), /does not know the deployment/],
    ['API version', () => provider(fake.url, KEY, 'scribe', '2020-01-01'), /does not know the deployment/],
  ])(
    'a wrong %s is misconfigured, with the status and the id of the request',
    async (_what, wrong, words) => {
      const fault = await faultOf(wrong().run(input, never));
      expect(fault.kind).toBe('misconfigured');
      expect(fault.message).toMatch(words);
      expect(fault.message).toContain('request fake-request-1');
    },
  );

  test('A token file that is not there is misconfigured.', async () => {
    const endpoint = azureEndpoint({
      endpoint: fake.url,
      apiVersion: API_VERSION,
      credential: { tokenFile: '/nowhere/token' },
    });
    const fault = await faultOf(chatDraftProvider({ endpoint, model: 'scribe' }).run(input, never));
    expect(fault.kind).toBe('misconfigured');
  });
});

test('A port on which nothing listens is unavailable.', async () => {
  expect((await faultOf(provider(await deadUrl()).run(input, never))).kind).toBe('unavailable');
});

test('An endpoint that does not answer is left when the signal aborts, with its reason, and the connection is closed.', async () => {
  fake.next('silent');
  const before = fake.hungUp();
  const started = Date.now();
  const work = provider().run(input, AbortSignal.timeout(100));
  await expect(work).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(Date.now() - started).toBeLessThan(2_000);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(fake.hungUp()).toBe(before + 1);
});
