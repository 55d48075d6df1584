/** A FHIR client that takes every fault as "not acknowledged": a broken connection, a late answer, 5xx. */
export interface Answer {
  readonly status: number;
  readonly etag: string | undefined;
  readonly location: string | undefined;
  readonly body: string;
}

export interface Client {
  /** Undefined where no answer came, or one that says that the server is in trouble. */
  attempt(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer | undefined>;
  /** Tries until an answer comes; throws when it is no success. */
  get<T>(path: string): Promise<T>;
}

const ANSWER_MS = 10_000;
const TRIES_MAX = 200;

export function createClient(
  fhirBase: string,
  backend: { readonly clientId: string; readonly secret: string },
): Client {
  let token: Promise<string> | undefined;
  const origin = new URL(fhirBase).origin;
  const requestToken = async (): Promise<string> => {
    const response = await fetch(`${origin}/oauth2/token`, {
      method: 'POST',
      headers: { Authorization: `Basic ${btoa(`${backend.clientId}:${backend.secret}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'system/*.cruds' }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (!response.ok) throw new Error(`no token: ${response.status}`);
    return ((await response.json()) as { access_token: string }).access_token;
  };
  // One request for a token at a time, and none while the server is in trouble: they are limited in number.
  const currentToken = async (): Promise<string> => {
    token ??= requestToken();
    try {
      return await token;
    } catch (error) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      token = undefined;
      throw error;
    }
  };
  const attempt: Client['attempt'] = async (method, path, body, headers = {}) => {
    try {
      const bearer = await currentToken();
      const response = await fetch(path.startsWith('http') ? path : `${fhirBase}/${path}`, {
        method,
        headers: {
          Authorization: `Bearer ${bearer}`,
          ...(body === undefined ? {} : { 'Content-Type': 'application/fhir+json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      const text = await response.text();
      if (response.status === 401) token = undefined;
      if (response.status === 401 || response.status === 429 || response.status >= 500) return undefined;
      const { headers: given } = response;
      return {
        status: response.status,
        etag: given.get('etag') ?? undefined,
        location: given.get('location') ?? undefined,
        body: text,
      };
    } catch {
      return undefined;
    }
  };
  return {
    attempt,
    async get<T>(path: string) {
      for (let tries = 0; tries < TRIES_MAX; tries += 1) {
        const answer = await attempt('GET', path);
        if (answer !== undefined && answer.status < 300) return JSON.parse(answer.body) as T;
        if (answer !== undefined) throw new Error(`GET ${path}: ${answer.status} ${answer.body}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error(`GET ${path}: no answer`);
    },
  };
}
