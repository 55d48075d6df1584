/** The settings of the visit scribe. Each name is documented in docs/configuration.md of the server. */
import { readSettings } from '../../sdk/index.ts';

export interface Settings {
  readonly contentSizeMaxBytes: number;
}

/** Throws SettingsError. */
export function visitScribeSettings(env: NodeJS.ProcessEnv): Settings {
  const read = readSettings(env);
  const { whole } = read;
  const settings: Settings = {
    contentSizeMaxBytes: whole('BOT_CONTENT_SIZE_MAX_BYTES', 512 * 1024 * 1024, 1_024, 2 ** 31),
  };
  read.check();
  return settings;
}
