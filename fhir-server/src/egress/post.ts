/** A POST of which only the status of the answer matters: without the streams of `fetch`, which cost more than the call. */
import type { Agent, Dispatcher } from 'undici';

export interface PostInit {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  /** Until the answer has been read. */
  readonly timeoutMs: number;
  /** The answer is read no further than this, so that its connection serves again. */
  readonly bytesMax: number;
}

/** Headers that every call has, if it says nothing else. */
const COMMON = { accept: '*/*', 'user-agent': 'dr-assistant' };

/** Redirects are answered as what they are. A status counts even when the body after it does not come to an end. */
export function post(url: URL, init: PostInit, agent: Agent): Promise<number> {
  const { headers, body, signal, timeoutMs, bytesMax } = init;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let request: Dispatcher.DispatchController | undefined;
  let status: number | undefined;
  let size = 0;
  let ended: Error | undefined;
  const end = (error: Error): void => {
    if (ended !== undefined) return;
    ended = error;
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    if (status === undefined) reject(error);
    else resolve(status);
    request?.abort(error);
  };
  const onAbort = (): void => end(signal.reason as Error);
  const timer = setTimeout(() => end(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  const options = {
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: 'POST',
    headers: { ...COMMON, ...headers },
    body,
  };
  agent.dispatch(options, {
    // What ended while it waited for a connection is not sent.
    onRequestStart(controller) {
      if (ended !== undefined) controller.abort(ended);
      request = controller;
    },
    onResponseStart(_controller, code) {
      if (code >= 200) status = code;
    },
    onResponseData(_controller, chunk) {
      size += chunk.length;
      if (size > bytesMax) end(new Error(`more than ${bytesMax} bytes`));
    },
    onResponseEnd() {
      ended = new Error('the answer has been read');
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      // undici gives the connection back a turn later: who is told by then needs no other one.
      setImmediate(() => setImmediate(() => resolve(status ?? 0)));
    },
    onResponseError: (_controller, error) => end(error),
  });
  return promise;
}
