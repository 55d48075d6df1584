/** SIGTERM and SIGINT: the first one asks to stop, and who will not wait sends another. */

/** A terminal's Ctrl-C reaches a copy twice: from the terminal, and from the process that looks after the copies. */
const SAME_MS = 500;
const EXIT_CUT_OFF = 1;

/** Calls `stop` once, and ends the process with 0 when it has resolved; a second signal ends it at once, with 1. */
export function onStopSignal(stop: () => Promise<void>): void {
  let since: number | undefined;
  const heard = (): void => {
    if (since !== undefined) {
      if (performance.now() - since > SAME_MS) process.exit(EXIT_CUT_OFF);
      return;
    }
    since = performance.now();
    stop().then(
      () => process.exit(0),
      () => process.exit(EXIT_CUT_OFF),
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, heard);
}
