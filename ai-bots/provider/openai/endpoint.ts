/** Endpoints that speak OpenAI's protocol: deployments of Azure OpenAI, or a server that the clinic or somebody else runs. */
import { readFile } from 'node:fs/promises';
import OpenAI, { AzureOpenAI } from 'openai';
import type { Party } from '../../orchestrator/provider.ts';

export interface Endpoint {
  /** As it appears in Provenance and before each fault. */
  readonly name: string;
  readonly version: string;
  readonly party: Party;
  readonly client: OpenAI;
  /** `schema`: the endpoint keeps to a JSON schema by itself; `object`: it writes JSON, and the schema stands in the prompt. */
  readonly jsonMode: 'schema' | 'object';
  /** Left out: the model's own. Some models take no other. */
  readonly temperature?: number;
}

export interface AzureEndpointSettings {
  /** The resource, e.g. `https://clinic.openai.azure.com`, without a trailing slash. */
  readonly endpoint: string;
  readonly apiVersion: string;
  /** A key, or a file with a token of Entra ID that something else keeps fresh. */
  readonly credential: { readonly apiKey: string } | { readonly tokenFile: string };
  readonly temperature?: number;
}

export interface CompatibleEndpointSettings {
  /** Without a trailing slash, e.g. `http://gpu.clinic.example:8000/v1`. */
  readonly baseUrl: string;
  readonly apiKey?: string;
  readonly party: Exclude<Party, 'here'>;
  readonly jsonMode: 'schema' | 'object';
  readonly temperature?: number;
}

/**
 * Each call is one attempt whose end the caller's signal decides. Nothing is taken from the environment behind our back,
 * nothing is logged (the library would log bodies), and no redirect takes the text elsewhere.
 */
const plain = {
  maxRetries: 0,
  timeout: 2 ** 31 - 1,
  logLevel: 'off',
  organization: null,
  project: null,
  adminAPIKey: null,
  fetchOptions: { redirect: 'manual' },
} as const;

export function azureEndpoint(settings: AzureEndpointSettings): Endpoint {
  const { credential } = settings;
  const client = new AzureOpenAI({
    ...plain,
    baseURL: `${settings.endpoint}/openai`,
    apiVersion: settings.apiVersion,
    ...('apiKey' in credential
      ? { apiKey: credential.apiKey }
      : { azureADTokenProvider: async () => (await readFile(credential.tokenFile, 'utf8')).trim() }),
  });
  return {
    name: 'Azure OpenAI',
    version: settings.apiVersion,
    party: 'third-party',
    client,
    jsonMode: 'schema',
    ...temperatureOf(settings),
  };
}

export function compatibleEndpoint(settings: CompatibleEndpointSettings): Endpoint {
  // The library insists on a key; servers in a clinic often have none and pass over it.
  const client = new OpenAI({ ...plain, baseURL: settings.baseUrl, apiKey: settings.apiKey ?? 'none' });
  return {
    name: 'OpenAI-compatible endpoint',
    version: 'v1',
    party: settings.party,
    client,
    jsonMode: settings.jsonMode,
    ...temperatureOf(settings),
  };
}

const temperatureOf = ({ temperature }: { readonly temperature?: number }): { temperature?: number } =>
  temperature === undefined ? {} : { temperature };
