/** How the loops of the worker wait. */
import { setTimeout as sleep } from 'node:timers/promises';

export const PAUSE_AFTER_FAULT_MS = 1_000;

/** Resolves after the time or as soon as the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
