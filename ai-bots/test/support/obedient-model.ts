/** A chat model behind a fake endpoint that does whatever the transcript tells it to, as a weak model would. */
import { completion, fakeOpenAi, KEY, type FakeOpenAi } from './fake-openai.ts';
import { compatibleEndpoint } from '../../provider/openai/endpoint.ts';
import type { ChatModel } from '../../provider/openai/chat-provider.ts';

export interface ObedientModel {
  readonly chat: ChatModel;
  readonly fake: FakeOpenAi;
  /** Everything that went over the wire. */
  sent(): string;
  /** What the next question is answered with. */
  answer(form: unknown): void;
}

export async function startModel(party: 'third-party' | 'clinic' = 'third-party'): Promise<ObedientModel> {
  const fake = await fakeOpenAi(['model-1']);
  const endpoint = compatibleEndpoint({ baseUrl: `${fake.url}/v1`, apiKey: KEY, party, jsonMode: 'schema' });
  return {
    chat: { endpoint, model: 'model-1' },
    fake,
    sent: () => fake.asked.map(({ body, url }) => `${url.href} ${body.toString()}`).join('\n'),
    answer: (form) => fake.next(completion(JSON.stringify(form))),
  };
}
