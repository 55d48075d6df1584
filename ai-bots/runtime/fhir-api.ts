/** The FHIR API as the bots use it: fhir-kit-client with tokens, retries and typed answers. */
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import { Client, type RequestOptions } from 'fhir-kit-client';
import { inCall } from '../orchestrator/telemetry/span.ts';
import type { TokenSource } from './access-token.ts';
import { downloadBinary, type Download } from './download.ts';
import { HttpFailure, isTransient } from './http-failure.ts';
import type { Logger } from './logger.ts';
import { nextPage } from './paging.ts';
import { traceHeaders } from './tracing.ts';

const RETRIES = 5;
const RETRY_DELAY_MS = 200;
const RETRY_DELAY_MAX_MS = 5_000;
const REQUEST_TIMEOUT_MS = 30_000;

export type Stored<T extends Resource['resourceType']> = Extract<Resource, { resourceType: T }>;

/** A parameter may be given several times. */
export type SearchParams = Readonly<Record<string, string | readonly string[]>>;

/** All methods throw HttpFailure when the server refuses, after transient faults have been tried again. */
export interface FhirApi {
  readonly baseUrl: string;
  /** Undefined when the resource does not exist or was deleted. */
  read<T extends Resource['resourceType']>(type: T, id: string): Promise<Stored<T> | undefined>;
  vread<T extends Resource['resourceType']>(
    type: T,
    id: string,
    version: string,
  ): Promise<Stored<T> | undefined>;
  /** One page. */
  search(type: Resource['resourceType'], params: SearchParams): Promise<Bundle>;
  /** All that is found, page after page, until there are `max`, with what is included; then it is cut off, with a warning in the log. */
  findAll(type: Resource['resourceType'], params: SearchParams, max: number): Promise<Resource[]>;
  /** Updates or creates under the given id; `ifMatch` is a version id, `ifNoneMatch` allows only creation. */
  update<T extends Resource>(resource: T, condition?: { ifMatch?: string; ifNoneMatch?: '*' }): Promise<T>;
  /** Of type `transaction`, all or nothing, or `batch`, each entry with an answer of its own. */
  transaction(bundle: Bundle): Promise<Bundle>;
  /** The content of `Binary/<id>` on this server, absolute or relative. Refuses other addresses. */
  download(url: string, sizeMaxBytes: number): Promise<Download>;
}

export function createFhirApi(baseUrl: string, tokens: TokenSource, logger?: Pick<Logger, 'warn'>): FhirApi {
  const policy = retry(handleWhen(isTransient), {
    maxAttempts: RETRIES,
    backoff: new ExponentialBackoff({ initialDelay: RETRY_DELAY_MS, maxDelay: RETRY_DELAY_MAX_MS }),
  });
  const call = <T>(interaction: string, type: string, work: (token: string) => Promise<T>): Promise<T> =>
    inCall(`fhir ${interaction}`, { 'fhir.interaction': interaction, 'fhir.resource_type': type }, () =>
      policy.execute(() => withToken(tokens, work)),
    );
  const fhir = <T>(
    interaction: string,
    type: string,
    work: (client: Client, options: (headers?: Record<string, string>) => RequestOptions) => Promise<unknown>,
  ): Promise<T> =>
    call(interaction, type, async (bearerToken) => {
      const client = new Client({ baseUrl, bearerToken });
      return (await work(client, requestOptions).catch(rethrow)) as T;
    });
  const search: FhirApi['search'] = (resourceType, params) => {
    const searchParams = Object.fromEntries(
      Object.entries(params).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
    );
    return fhir('search-type', resourceType, (client, options) =>
      client.resourceSearch({ resourceType, searchParams, options: options() }),
    );
  };
  return {
    baseUrl,
    search,
    async findAll(resourceType, params, max) {
      const matches: Resource[] = [];
      const others: Resource[] = [];
      let page: Bundle | undefined = await search(resourceType, params);
      while (page !== undefined) {
        for (const { resource, search: how } of page.entry ?? []) {
          if (resource === undefined) continue;
          ((how?.mode ?? 'match') === 'match' ? matches : others).push(resource);
        }
        const next: string | undefined = nextPage(page, baseUrl);
        const isFull = matches.length > max || (matches.length === max && next !== undefined);
        if (isFull) logger?.warn({ type: resourceType, max }, 'search cut off');
        const link: string | undefined = isFull ? undefined : next;
        page =
          link === undefined
            ? undefined
            : await fhir('search-type', resourceType, (client, options) =>
                client.request(link, { options: options() }),
              );
      }
      return [...matches.slice(0, max), ...others];
    },
    read: (resourceType, id) =>
      orUndefined(
        fhir('read', resourceType, (client, options) =>
          client.read({ resourceType, id, options: options() }),
        ),
      ),
    vread: (resourceType, id, version) =>
      orUndefined(
        fhir('vread', resourceType, (client, options) =>
          client.vread({ resourceType, id, version, options: options() }),
        ),
      ),
    update: (resource, condition = {}) =>
      fhir('update', resource.resourceType, (client, options) =>
        client.update({
          resourceType: resource.resourceType,
          id: resource.id ?? '',
          body: { ...resource },
          options: options({
            ...(condition.ifMatch === undefined ? {} : { 'If-Match': `W/"${condition.ifMatch}"` }),
            ...(condition.ifNoneMatch === undefined ? {} : { 'If-None-Match': condition.ifNoneMatch }),
          }),
        }),
      ),
    transaction: (bundle) =>
      fhir(bundle.type, 'Bundle', (client, options) =>
        client.transaction({ body: { ...bundle }, options: options() }),
      ),
    download: (url, sizeMaxBytes) =>
      call('read', 'Binary', (token) => downloadBinary(baseUrl, url, token, sizeMaxBytes)),
  };
}

const requestOptions = (headers: Record<string, string> = {}): RequestOptions => ({
  headers: { ...headers, ...traceHeaders() },
  signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
});

/** A token may be revoked before its end: then once more with a new one. */
async function withToken<T>(tokens: TokenSource, work: (token: string) => Promise<T>): Promise<T> {
  const token = await tokens.token();
  try {
    return await work(token);
  } catch (error) {
    if (!(error instanceof HttpFailure) || error.status !== 401) throw error;
    tokens.forget(token);
    return work(await tokens.token());
  }
}

/** The client's errors carry `response.status` and the OperationOutcome, whose diagnostics may quote input: only codes are kept. */
function rethrow(error: unknown): never {
  const response = (error as { response?: { status?: number; data?: unknown } }).response;
  if (response?.status === undefined) throw error;
  throw new HttpFailure(
    response.status,
    `the FHIR server answered ${response.status}${places(response.data)}`,
  );
}

function places(data: unknown): string {
  const issues = (data as { issue?: { code?: string; expression?: string[] }[] } | undefined)?.issue ?? [];
  const texts = issues.map((i) => [i.code, ...(i.expression ?? [])].join(' at '));
  return texts.length === 0 ? '' : `: ${texts.slice(0, 5).join(', ')}`;
}

async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof HttpFailure && (error.status === 404 || error.status === 410)) return undefined;
    throw error;
  }
}
