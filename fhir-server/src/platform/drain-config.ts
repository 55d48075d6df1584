/** How a process that is asked to stop does so. */
import type { SettingReader } from './account-config.ts';

export interface DrainConfig {
  /** How long an api that says that it is not ready goes on taking requests, so that balancers have seen it. */
  readonly delayMs: number;
  /** How long requests that are under way then may take. */
  readonly ms: number;
  /** How long a worker's deliveries that are under way may take. */
  readonly workerMs: number;
}

export const loadDrainConfig = ({ whole }: Pick<SettingReader, 'whole'>): DrainConfig => ({
  delayMs: whole('DRAIN_DELAY_MS', 0, 0, 600_000),
  ms: whole('DRAIN_MS', 10_000, 0, 3_600_000),
  workerMs: whole('WORKER_DRAIN_MS', 20_000, 0, 3_600_000),
});
