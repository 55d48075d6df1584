/** The settings of the timetable. Each name is documented in docs/configuration.md of the server. */
import { readSettings } from '../../sdk/index.ts';

export interface Settings {
  /** For so long from now on there are Slots. */
  readonly aheadDays: number;
}

/** Throws SettingsError. */
export function timetableSettings(env: NodeJS.ProcessEnv): Settings {
  const read = readSettings(env);
  const settings: Settings = { aheadDays: read.whole('TIMETABLE_AHEAD_DAYS', 60, 1, 730) };
  read.check();
  return settings;
}
