/** Where a worker tells how it does. */
import type { SettingReader } from './account-config.ts';

export interface WorkerConfig {
  /** Undefined where it listens nowhere; 0 for any free port. */
  readonly port: number | undefined;
  readonly host: string;
}

export const loadWorkerConfig = (
  env: NodeJS.ProcessEnv,
  { whole }: Pick<SettingReader, 'whole'>,
): WorkerConfig => ({
  port: env['WORKER_PORT'] === undefined ? undefined : whole('WORKER_PORT', 0, 0, 65_535),
  host: env['WORKER_HOST'] ?? '127.0.0.1',
});
