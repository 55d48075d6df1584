/** Settings of Azure OpenAI and of an endpoint that speaks its protocol. */
import type { Environment } from '../environment.ts';
import type { AzureEndpointSettings, CompatibleEndpointSettings } from './endpoint.ts';

/** What of an endpoint is used: without a model a stage has no provider there. */
interface Models {
  readonly chat?: string;
  readonly audio?: string;
}

export interface AzureSettings extends Models {
  readonly endpoint: AzureEndpointSettings;
}

export interface CompatibleSettings extends Models {
  readonly endpoint: CompatibleEndpointSettings;
}

/** The first version with strict structured output that is not a preview. */
const API_VERSION = '2024-10-21';

/** Loopback, private networks, and names that no public DNS knows: text may go there with its identifiers unless said otherwise. */
const OF_THE_CLINIC =
  /^(127(\.\d+){3}|10(\.\d+){3}|172\.(1[6-9]|2\d|3[01])(\.\d+){2}|192\.168(\.\d+){2}|\[::1\]|\[f[cd][0-9a-f]{2}:.*\]|[a-z0-9_-]*[a-z_-][a-z0-9_-]*|.+\.(local|internal|localhost))$/i;

/** Undefined when AZURE_OPENAI_ENDPOINT is not set. */
export function azureSettings(env: Environment): AzureSettings | undefined {
  const endpoint = env.url('AZURE_OPENAI_ENDPOINT', { tls: true });
  const apiKey = env.secret('AZURE_OPENAI_API_KEY');
  const tokenFile = env.text('AZURE_OPENAI_TOKEN_FILE');
  const models = modelsOf(
    env.text('AZURE_OPENAI_CHAT_DEPLOYMENT'),
    env.text('AZURE_OPENAI_AUDIO_DEPLOYMENT'),
  );
  const apiVersion = env.text('AZURE_OPENAI_API_VERSION') ?? API_VERSION;
  const temperature = temperatureOf(env, 'AZURE_OPENAI_TEMPERATURE', env.text('AZURE_OPENAI_TEMPERATURE'));
  if (endpoint === undefined) {
    if (apiKey !== undefined || tokenFile !== undefined || Object.keys(models).length > 0)
      env.fault('AZURE_OPENAI_ENDPOINT is not set, while other settings of Azure OpenAI are');
    return undefined;
  }
  if ((apiKey === undefined) === (tokenFile === undefined))
    env.fault('AZURE_OPENAI_ENDPOINT needs AZURE_OPENAI_API_KEY or AZURE_OPENAI_TOKEN_FILE, and not both');
  if (Object.keys(models).length === 0)
    env.fault('AZURE_OPENAI_ENDPOINT needs AZURE_OPENAI_CHAT_DEPLOYMENT or AZURE_OPENAI_AUDIO_DEPLOYMENT');
  const credential = tokenFile === undefined ? { apiKey: apiKey ?? '' } : { tokenFile };
  return { endpoint: { endpoint, apiVersion, credential, ...temperature }, ...models };
}

/** Undefined when OPENAI_BASE_URL is not set. */
export function compatibleSettings(env: Environment): CompatibleSettings | undefined {
  const isSaid = env.text('OPENAI_PARTY') !== undefined;
  const party = env.choice('OPENAI_PARTY', ['clinic', 'third-party']);
  const baseUrl = env.url('OPENAI_BASE_URL', { tls: party === 'third-party' });
  const apiKey = env.secret('OPENAI_API_KEY');
  const models = modelsOf(env.text('OPENAI_CHAT_MODEL'), env.text('OPENAI_AUDIO_MODEL'));
  const jsonMode = env.choice('OPENAI_JSON_MODE', ['schema', 'object']);
  const temperature = temperatureOf(env, 'OPENAI_TEMPERATURE', env.text('OPENAI_TEMPERATURE'));
  if (baseUrl === undefined) {
    if (apiKey !== undefined || Object.keys(models).length > 0)
      env.fault('OPENAI_BASE_URL is not set, while other settings of its endpoint are');
    return undefined;
  }
  if (party === 'clinic' && /\b(openai\.com|openai\.azure\.com)$/.test(hostOf(baseUrl)))
    env.fault('OPENAI_PARTY must be third-party for an OPENAI_BASE_URL that is not of the clinic');
  else if (!isSaid && URL.canParse(baseUrl) && !OF_THE_CLINIC.test(hostOf(baseUrl)))
    env.fault('OPENAI_PARTY is not set: say whose OPENAI_BASE_URL is, clinic or third-party');
  if (Object.keys(models).length === 0)
    env.fault('OPENAI_BASE_URL needs OPENAI_CHAT_MODEL or OPENAI_AUDIO_MODEL');
  const key = apiKey === undefined ? {} : { apiKey };
  return { endpoint: { baseUrl, party, jsonMode, ...key, ...temperature }, ...models };
}

const modelsOf = (chat: string | undefined, audio: string | undefined): Models => ({
  ...(chat === undefined ? {} : { chat }),
  ...(audio === undefined ? {} : { audio }),
});

/** `model`: the model's own, for models that take no other. */
function temperatureOf(env: Environment, name: string, text = '0'): { temperature?: number } {
  if (text === 'model') return {};
  const temperature = Number(text);
  if (!(temperature >= 0 && temperature <= 2)) env.fault(`${name} must be "model" or a number from 0 to 2`);
  return { temperature };
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).hostname : '');
