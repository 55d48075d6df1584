/** After the last test file: stops the run's PostgreSQL, which deletes its data, and deletes the system that others began with. */
import { rmSync } from 'node:fs';
import { run } from './global-setup.ts';

export default async function globalTeardown(): Promise<void> {
  await run.postgres?.stop();
  const settled = process.env['TEST_SETTLED_DIR'];
  if (settled !== undefined) rmSync(settled, { recursive: true, force: true });
}
