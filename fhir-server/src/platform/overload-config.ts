/** From when on an api refuses new requests, so that those it has taken on are answered in time. */
import type { SettingReader } from './account-config.ts';

export interface OverloadConfig {
  /** What is ready to run waits so long for the processor; 0 for no limit. */
  readonly loopDelayMs: number;
  /** A statement waits so long for a connection, or for those before it; 0 for no limit. */
  readonly databaseDelayMs: number;
  /** Most seconds that a refused client is told to wait; each is told another number. */
  readonly retryAfterSeconds: number;
}

export const loadOverloadConfig = ({ whole }: Pick<SettingReader, 'whole'>): OverloadConfig => ({
  loopDelayMs: whole('OVERLOAD_LOOP_DELAY_MS', 100, 0, 60_000),
  databaseDelayMs: whole('OVERLOAD_DATABASE_DELAY_MS', 500, 0, 600_000),
  retryAfterSeconds: whole('OVERLOAD_RETRY_AFTER_SECONDS', 5, 1, 3_600),
});
