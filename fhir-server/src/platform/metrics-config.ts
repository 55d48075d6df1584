/** Where an api tells a monitoring system how it does. */
import type { SettingReader } from './account-config.ts';

export interface MetricsConfig {
  /** Undefined where it listens nowhere; 0 for any free port. Copies of the api take the next ones. */
  readonly port: number | undefined;
  readonly host: string;
}

export const loadMetricsConfig = (
  env: NodeJS.ProcessEnv,
  { whole }: Pick<SettingReader, 'whole'>,
): MetricsConfig => ({
  port: env['METRICS_PORT'] === undefined ? undefined : whole('METRICS_PORT', 0, 0, 65_535),
  host: env['METRICS_HOST'] ?? '127.0.0.1',
});
