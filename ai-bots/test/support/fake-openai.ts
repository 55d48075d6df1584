/**
 * Azure OpenAI and OpenAI-compatible endpoints over HTTP: authentication, deployments, the rules of strict structured
 * output, chat and transcription. https://learn.microsoft.com/azure/ai-services/openai/reference
 */
import { serve, type Asked, type Behaviour, type FakeHttp } from './fake-http.ts';

export const KEY = 'fake-key';
export const API_VERSION = '2024-10-21';

export interface FakeOpenAi extends FakeHttp {
  /** Of the next question; once it is used up, chat answers are empty objects. */
  next(behaviour: Behaviour): void;
  /** Body of the last question, parsed. */
  lastQuestion(): ChatQuestion;
}

export interface ChatQuestion {
  readonly model: string;
  readonly temperature?: number;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly response_format: { readonly type: string; readonly json_schema?: { readonly schema: unknown } };
}

/** @param deployments names that exist */
export async function fakeOpenAi(deployments: readonly string[]): Promise<FakeOpenAi> {
  const queue: Behaviour[] = [];
  const fake = await serve((asked) => refusal(asked, deployments) ?? queue.shift() ?? completion('{}'));
  return {
    ...fake,
    next: (behaviour) => void queue.push(behaviour),
    lastQuestion: () => JSON.parse(fake.asked.at(-1)?.body.toString() ?? '{}') as ChatQuestion,
  };
}

const error = (status: number, code: string, message: string, more: object = {}): Behaviour => ({
  status,
  headers: { 'x-request-id': 'fake-request-1' },
  body: { error: { code, message, type: 'invalid_request_error', param: null, ...more } },
});

/** What the service checks before a model sees anything; undefined when the call is allowed. */
function refusal({ url, headers, body }: Asked, deployments: readonly string[]): Behaviour | undefined {
  const [, deployment, azure] =
    /^\/openai\/deployments\/([^/]+)\/(chat\/completions|audio\/transcriptions)$/.exec(url.pathname) ?? [];
  const plain = /^\/v1\/(?:chat\/completions|audio\/transcriptions)$/.test(url.pathname);
  if (azure === undefined && !plain) return error(404, '404', 'Resource not found');
  const key =
    azure === undefined
      ? headers.authorization?.replace('Bearer ', '')
      : (headers['api-key'] ?? headers.authorization?.replace('Bearer ', ''));
  if (key !== KEY)
    return error(401, '401', 'Access denied due to invalid subscription key or wrong API endpoint.');
  if (azure !== undefined && url.searchParams.get('api-version') !== API_VERSION)
    return error(404, '404', 'Resource not found');
  if (deployment !== undefined && !deployments.includes(deployment))
    return error(404, 'DeploymentNotFound', 'The API deployment for this resource does not exist.');
  if (!url.pathname.endsWith('/chat/completions')) return undefined;
  const question = JSON.parse(body.toString()) as ChatQuestion;
  if (!deployments.includes(question.model))
    return error(404, 'model_not_found', `The model does not exist.`);
  const schema = question.response_format.json_schema?.schema;
  const complaint = schema === undefined ? undefined : strictComplaint(schema);
  return complaint === undefined
    ? undefined
    : error(400, 'invalid_request_error', complaint, { param: 'response_format' });
}

/** https://platform.openai.com/docs/guides/structured-outputs#supported-schemas */
function strictComplaint(schema: unknown): string | undefined {
  if (schema === null || typeof schema !== 'object') return undefined;
  const { type, properties, required, additionalProperties, ...rest } = schema as Record<string, unknown>;
  if ('minLength' in rest || 'maxLength' in rest) return 'minLength and maxLength are not permitted';
  if (type === 'object') {
    if (additionalProperties !== false)
      return "'additionalProperties' is required to be supplied and to be false";
    const names = Object.keys(properties ?? {});
    if (names.some((name) => !((required ?? []) as string[]).includes(name)))
      return "'required' is required to be supplied and to be an array including every key in properties";
  }
  const inner = [...Object.values((properties ?? {}) as Record<string, unknown>), rest['items']];
  return inner.map(strictComplaint).find((c) => c !== undefined);
}

export const completion = (content: string | null, choice: object = {}, message: object = {}): Behaviour => ({
  status: 200,
  body: {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: 'gpt-4o-2024-08-06',
    prompt_filter_results: [
      { prompt_index: 0, content_filter_results: { hate: { filtered: false, severity: 'safe' } } },
    ],
    choices: [
      {
        index: 0,
        finish_reason: 'stop',
        logprobs: null,
        content_filter_results: { violence: { filtered: false, severity: 'low' } },
        message: { role: 'assistant', content, refusal: null, ...message },
        ...choice,
      },
    ],
    usage: { prompt_tokens: 120, completion_tokens: 30, total_tokens: 150 },
  },
});

/** The prompt is filtered: Azure's words hold nothing of it, others' may. */
export const filtered = (quote: string): Behaviour =>
  error(400, 'content_filter', `The response was filtered due to the prompt "${quote}".`, {
    param: 'prompt',
    status: 400,
    innererror: {
      code: 'ResponsibleAIPolicyViolation',
      content_filter_result: { violence: { filtered: true, severity: 'medium' } },
    },
  });

export const throttled = (headers: Readonly<Record<string, string>>): Behaviour => ({
  status: 429,
  headers,
  body: {
    error: { code: '429', message: 'Requests have exceeded the call rate limit. Please retry later.' },
  },
});

export const failure = error;
