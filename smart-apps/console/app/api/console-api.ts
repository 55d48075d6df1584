/** What the console asks of the server: documents by their addresses, each with its state; nothing of them is kept. */
import { createApi } from '@reduxjs/toolkit/query/react';
import { baseQuery, call, type ApiFault, type Sent } from '@dr-assistant/ui/session';

export interface Loaded {
  /** Undefined when the answer had none. */
  readonly body: unknown;
  readonly status: number;
  /** By which a change says what it rests on. */
  readonly etag: string | undefined;
}

export interface Sending extends Sent {
  readonly url: string;
  /** For questions that are POSTed: nothing on the page has changed by them. */
  readonly isQuestion?: boolean;
  /** A gzipped file, instead of a resource. */
  readonly file?: Blob;
}

async function loadedOf(response: Response): Promise<Loaded> {
  const text = await response.text();
  return {
    body: text === '' ? undefined : (JSON.parse(text) as unknown),
    status: response.status,
    etag: response.headers.get('etag') ?? undefined,
  };
}

async function send({ url, method, resource, headers, file }: Sending, signal: AbortSignal): Promise<Loaded> {
  if (file !== undefined)
    return loadedOf(
      await call(url, {
        method,
        headers: { 'Content-Type': 'application/gzip', ...headers },
        body: file,
        signal,
      }),
    );
  const type = url.startsWith('/') ? 'application/json' : 'application/fhir+json';
  const sent = {
    method,
    headers: { ...(resource === undefined ? {} : { 'Content-Type': type }), ...headers },
  };
  const body = resource === undefined ? {} : { body: JSON.stringify(resource) };
  return loadedOf(await call(url, { ...sent, ...body, signal }));
}

export const consoleApi = createApi({
  baseQuery,
  tagTypes: ['document'],
  endpoints: (build) => ({
    load: build.query<Loaded, string>({
      query: (url) => async (signal) => loadedOf(await call(url, { signal })),
      // What was shown may be a patient's, and may have changed when it is gone to again.
      keepUnusedDataFor: 0,
      // What the server can do does not change with its data.
      providesTags: (_result, _error, url) => (url === 'metadata' ? [] : ['document']),
    }),
    send: build.mutation<Loaded, Sending>({
      query: (sending) => (signal) => send(sending, signal),
      invalidatesTags: (_result, error, { isQuestion = false }) =>
        error !== undefined || isQuestion ? [] : ['document'],
    }),
  }),
});

export const { useSendMutation } = consoleApi;

export interface Document<T> {
  /** The last answer to this address; undefined before. */
  readonly data: T | undefined;
  readonly etag: string | undefined;
  readonly fault: ApiFault | undefined;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

/** A document by its address; undefined loads nothing. */
export function useDocument<T>(url: string | undefined): Document<T> {
  const { currentData, error, isFetching, refetch, isUninitialized } = consoleApi.useLoadQuery(url ?? '', {
    skip: url === undefined,
  });
  return {
    data: currentData?.body as T | undefined,
    etag: currentData?.etag,
    fault: error as ApiFault | undefined,
    isLoading: isFetching,
    reload: () => {
      if (!isUninitialized) void refetch();
    },
  };
}
