/** Waits until a service answers 200 on its readiness address. */
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from './options.ts';
import type { Service } from './service.ts';

/** Throws StartError when the service ends first, or is not ready within a minute. */
export async function untilReady(name: string, url: string, service: Service): Promise<void> {
  let exitCode: number | undefined;
  void service.firstExit.then((code) => (exitCode = code));
  const deadline = Date.now() + 60_000;
  for (;;) {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    await response?.arrayBuffer().catch(() => undefined);
    if (response?.ok === true) return;
    if (exitCode !== undefined) throw new StartError(`${name} did not start; the reason is above.`);
    if (Date.now() > deadline) throw new StartError(`${name} is not ready after a minute (${url}).`);
    await sleep(50);
  }
}
