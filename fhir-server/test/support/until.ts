/** Waits for what happens beside a test. */
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 20_000;

/** Resolves when it is so. Throws when it does not become so in a time in which a busy machine would have done it. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`It did not become so in ${PATIENCE_MS} ms: ${isSo.toString()}`);
    await sleep(10);
  }
}
