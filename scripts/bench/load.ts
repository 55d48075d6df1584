/**
 * The load generator, in a process of its own: takes one job at a time from its parent, keeps a number of connections busy
 * with it, and answers with the counts and latencies.
 */
import { createHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';

export interface LoadRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface LoadJob {
  readonly origin: string;
  readonly token: string | undefined;
  readonly connections: number;
  /** Sent in turn, again from the start when they are used up. */
  readonly requests: readonly LoadRequest[];
  /** 0: each request once, however long it takes. */
  readonly durationMs: number;
  readonly warmUpMs: number;
  /** Statuses that are no error. */
  readonly expected: readonly number[];
  /** What each answer must contain. */
  readonly contains?: string;
  /** Requests that arrive in a second whether or not those before them have been answered, instead of one after the other. */
  readonly arrivalsPerSecond?: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly errors: number;
  /** Answered with 503 and Retry-After; they are in no latency. */
  readonly refused: number;
  /** Arrivals that were not sent because more than `OUTSTANDING_MAX` were under way. */
  readonly unsent: number;
  /** The first unexpected answer, cut. */
  readonly firstError?: string;
  readonly seconds: number;
  readonly bytes: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Answers that are looked into: all would cost the generator more than the server. */
const CHECKED_EVERY = 50;
/** After a request that got no answer: a server that is gone must not be asked in a tight loop. */
const PAUSE_AFTER_FAULT_MS = 10;

/** Of requests that arrive by the clock. */
const OUTSTANDING_MAX = 8_000;

const JSON_BODY = { 'content-type': 'application/fhir+json' };

interface Answer {
  readonly isRight: boolean;
  readonly isRefused?: boolean;
  readonly bytes: number;
  /** When it is not right: status and beginning of the answer, or what became of the connection. */
  readonly error?: string;
}

async function run(job: LoadJob): Promise<LoadResult> {
  const pool = new Pool(job.origin, { connections: job.connections, pipelining: 1 });
  const histogram = createHistogram();
  const state = { next: 0, requests: 0, errors: 0, refused: 0, unsent: 0, bytes: 0, firstError: undefined as string | undefined }; // prettier-ignore
  const startedAt = performance.now();
  const countFrom = startedAt + job.warmUpMs;
  const until = job.durationMs === 0 ? Infinity : countFrom + job.durationMs;
  const common = {
    accept: 'application/fhir+json',
    ...(job.token === undefined ? {} : { authorization: `Bearer ${job.token}` }),
  };

  async function worker(): Promise<void> {
    for (;;) {
      const index = state.next++;
      if (job.durationMs === 0 && index >= job.requests.length) return;
      const begin = performance.now();
      if (begin >= until) return;
      await send(index, begin);
    }
  }

  async function send(index: number, begin: number): Promise<void> {
    const request = job.requests[index % job.requests.length]!;
    const answer = await ask(request, index).catch(async (fault: unknown): Promise<Answer> => {
      await sleep(PAUSE_AFTER_FAULT_MS);
      return { isRight: false, bytes: 0, error: String(fault) };
    });
    const end = performance.now();
    if (!answer.isRight && answer.isRefused !== true)
      state.firstError ??= `${request.method} ${request.path}: ${answer.error ?? ''}`;
    if (begin < countFrom || end > until) return;
    if (answer.isRefused === true) {
      state.refused += 1;
      return;
    }
    state.requests += 1;
    state.bytes += answer.bytes;
    if (!answer.isRight) state.errors += 1;
    histogram.record(Math.max(1, Math.round((end - begin) * 1_000)));
  }

  /** Whoever comes does not know how many are waiting. */
  async function arrive(perSecond: number): Promise<void> {
    const under = new Set<Promise<void>>();
    for (let sent = 0; ; await sleep(1)) {
      const now = performance.now();
      if (now >= until) break;
      for (const due = Math.floor(((now - startedAt) * perSecond) / 1_000); sent < due; sent += 1) {
        if (under.size >= OUTSTANDING_MAX) {
          if (now >= countFrom) state.unsent += 1;
          continue;
        }
        const one = send(state.next++, startedAt + (sent * 1_000) / perSecond);
        under.add(one);
        void one.finally(() => under.delete(one));
      }
    }
    await Promise.all(under);
  }

  function ask({ method, path, body, headers }: LoadRequest, index: number): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const isLookedInto = job.contains !== undefined && index % CHECKED_EVERY === 0;
    const kept: Buffer[] = [];
    let status = 0;
    let bytes = 0;
    let mayTryAgain = false;
    const end = (): void => {
      const isOk = job.expected.includes(status);
      const text = Buffer.concat(kept);
      if (isOk && (!isLookedInto || text.includes(job.contains))) resolve({ isRight: true, bytes });
      else
        resolve({
          isRight: false,
          isRefused: status === 503 && mayTryAgain,
          bytes,
          error: `${status} ${text.toString('utf8', 0, 300)}`,
        });
    };
    const options = {
      method,
      path,
      headers: { ...common, ...(body === undefined ? {} : JSON_BODY), ...headers },
      body: body ?? null,
    };
    // A stream for each answer, as fetch and request make it, costs more than the answer.
    pool.dispatch(options, {
      onRequestStart: () => undefined,
      onResponseStart: (_controller, code, { 'retry-after': after }) => {
        status = code;
        mayTryAgain = after !== undefined;
      },
      onResponseData: (_controller, chunk) => {
        bytes += chunk.length;
        if (isLookedInto || !job.expected.includes(status)) kept.push(chunk);
      },
      onResponseEnd: end,
      onResponseError: (_controller, error) => reject(error),
    });
    return promise;
  }

  if (job.arrivalsPerSecond === undefined) await Promise.all(Array.from({ length: job.connections }, worker));
  else await arrive(job.arrivalsPerSecond);
  const seconds = (Math.min(performance.now(), until) - countFrom) / 1_000;
  await pool.close();
  return {
    requests: state.requests,
    errors: state.errors,
    refused: state.refused,
    unsent: state.unsent,
    ...(state.firstError === undefined ? {} : { firstError: state.firstError }),
    seconds,
    bytes: state.bytes,
    p50Ms: histogram.percentile(50) / 1_000,
    p99Ms: histogram.percentile(99) / 1_000,
  };
}

process.on('message', (job: LoadJob) => {
  run(job).then(
    (result) => process.send?.(result),
    (error: unknown) => process.send?.({ failed: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
