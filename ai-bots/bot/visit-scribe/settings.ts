/** The settings of the visit scribe. Each name is documented in docs/configuration.md of the server. */
import { readSettings } from '../../sdk/index.ts';

export interface Settings {
  readonly contentSizeMaxBytes: number;
  readonly whisperModel?: string;
  readonly whisperLanguage: string;
  readonly transcribeTimeoutMs: number;
}

/** Throws SettingsError. */
export function visitScribeSettings(env: NodeJS.ProcessEnv): Settings {
  const read = readSettings(env);
  const { text, whole, optional } = read;
  const settings: Settings = {
    contentSizeMaxBytes: whole('BOT_CONTENT_SIZE_MAX_BYTES', 512 * 1024 * 1024, 1_024, 2 ** 31),
    ...optional('whisperModel', 'WHISPER_MODEL'),
    whisperLanguage: text('WHISPER_LANGUAGE', 'en'),
    transcribeTimeoutMs: whole('BOT_TRANSCRIBE_TIMEOUT_MS', 30 * 60_000, 1_000, 24 * 3_600_000),
  };
  read.check();
  return settings;
}
