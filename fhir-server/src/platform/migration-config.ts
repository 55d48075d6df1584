/** How patiently the schema is brought up to date. */
import type { SettingReader } from './account-config.ts';

export interface MigrationConfig {
  /** A statement that waits longer for a table makes way. */
  readonly lockTimeoutMs: number;
  /** How often a migration is tried that does not get its tables. */
  readonly attemptsMax: number;
}

export const loadMigrationConfig = ({ whole }: Pick<SettingReader, 'whole'>): MigrationConfig => ({
  lockTimeoutMs: whole('MIGRATION_LOCK_TIMEOUT_MS', 2_000, 10, 3_600_000),
  attemptsMax: whole('MIGRATION_ATTEMPTS_MAX', 60, 1, 100_000),
});
