/** How keys that sign id tokens take over from each other. */
import type { SettingReader } from './account-config.ts';

/** Keys that sign id tokens. */
export interface SigningKeyConfig {
  /** After so long another key takes over. */
  readonly days: number;
  /** How long a key is published before it signs; longer than a process takes to look, and than clients keep keys. */
  readonly aheadSeconds: number;
  /** How often a process looks for changes. */
  readonly pollMs: number;
}

export const loadSigningKeyConfig = ({ whole }: Pick<SettingReader, 'whole'>): SigningKeyConfig => ({
  days: whole('SIGNING_KEY_DAYS', 90, 1, 3_650),
  aheadSeconds: whole('SIGNING_KEY_AHEAD_SECONDS', 600, 0, 86_400),
  pollMs: whole('SIGNING_KEY_POLL_MS', 15_000, 10, 600_000),
});
