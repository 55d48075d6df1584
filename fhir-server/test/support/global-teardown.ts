/** After the last test file: stops the run's PostgreSQL, which deletes its data. */
import { run } from './global-setup.ts';

export default async function globalTeardown(): Promise<void> {
  await run.postgres?.stop();
}
