/** The settings of the chart summary. Each name is documented in docs/configuration.md of the server. */
import { readSettings } from '../../sdk/index.ts';

export interface Settings {
  /** How often summaries of visits to come are compared with the chart. */
  readonly refreshMinutes: number;
  /** Of visits that begin within this time. */
  readonly aheadHours: number;
}

/** Throws SettingsError. */
export function summarySettings(env: NodeJS.ProcessEnv): Settings {
  const { whole, check } = readSettings(env);
  const settings = {
    refreshMinutes: whole('CHART_SUMMARY_REFRESH_MINUTES', 15, 1, 60),
    aheadHours: whole('CHART_SUMMARY_AHEAD_HOURS', 24, 1, 24 * 14),
  };
  check();
  return settings;
}
