/** Starts programs that never outlive this process, not even when it is killed with SIGKILL. */
import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';

export interface GuardedOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** What asks the program to stop: INT is PostgreSQL's fast shutdown, TERM a service's graceful one. */
  readonly stopSignal: 'INT' | 'TERM';
  /** Standard output and error: pipes, or an open file. */
  readonly output: 'pipe' | number;
  readonly uid?: number;
  readonly gid?: number;
  /** A folder to delete once the program has ended. */
  readonly deleteAfterwards?: string;
}

/**
 * The shell in between waits for the end of its standard input, which the kernel closes when we end in whatever
 * way, and then stops the program; a service that does not obey is killed after 30 s. It leads a session of its own, so Ctrl-C in the terminal reaches only us.
 */
const guard = `
exec 3<&0
"$@" <&- 3<&- & program=$!
(
  cat <&3
  kill -$GUARD_SIGNAL $program
  if [ $GUARD_SIGNAL = TERM ]; then sleep 30; kill -KILL $program; fi
) >/dev/null 2>&1 & watcher=$!
wait $program; code=$?
kill $watcher 2>/dev/null
if [ -n "$GUARD_DELETES" ]; then rm -rf "$GUARD_DELETES"; fi
exit $code
`;

/** Starts the program under its guard. Ending `stdin` stops it; SIGKILL to the group `-pid` ends both at once. */
export function spawnGuarded(command: readonly string[], options: GuardedOptions): ChildProcess {
  const { env, stopSignal, output, deleteAfterwards = '', ...rest } = options;
  return spawn('sh', ['-c', guard, 'guard', ...command], {
    ...rest,
    env: { ...env, GUARD_SIGNAL: stopSignal, GUARD_DELETES: deleteAfterwards },
    detached: true,
    stdio: ['pipe', output, output],
  });
}

/** Lets the event loop end while the program runs; it stops when we do. */
export function letGo(child: ChildProcess): void {
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
}
