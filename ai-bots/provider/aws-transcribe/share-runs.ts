/** Work that several want at once is done once: it goes on as long as one of them waits, and is stopped when all have left. */

interface Run<T> {
  readonly done: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
}

/**
 * Answers `run`: it resolves or rejects as `work` of the same key that is under way. Who is not the last to leave is
 * rejected at once with his signal's reason; the last when `work` has ended after its signal aborted. What is being
 * stopped is waited for and then begun anew.
 */
export function shareRuns<T>(): (
  key: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
) => Promise<T> {
  const runs = new Map<string, Run<T>>();
  const begin = (key: string, work: (signal: AbortSignal) => Promise<T>): Run<T> => {
    const controller = new AbortController();
    const done = work(controller.signal).finally(() => runs.delete(key));
    const run = { done, controller, waiting: 0 };
    runs.set(key, run);
    return run;
  };
  return async (key, signal, work) => {
    for (;;) {
      signal.throwIfAborted();
      const running = runs.get(key);
      if (running?.controller.signal.aborted !== true) return join(running ?? begin(key, work), signal);
      await running.done.catch(() => undefined);
    }
  };
}

async function join<T>(run: Run<T>, signal: AbortSignal): Promise<T> {
  run.waiting += 1;
  const { promise: left, reject } = Promise.withResolvers<never>();
  const leave = (): void => {
    run.waiting -= 1;
    if (run.waiting === 0) run.controller.abort(signal.reason);
    else reject(signal.reason as Error);
  };
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([run.done, left]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
