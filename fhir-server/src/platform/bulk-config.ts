/** Limits of bulk exports. */
import type { SettingReader } from './account-config.ts';

export interface BulkConfig {
  /** Exports of one client that are not finished. */
  readonly jobsMax: number;
  /** Lines of one file. */
  readonly fileRowsMax: number;
  /** A file is finished when it is longer than this. */
  readonly fileBytesMax: number;
  /** Resources that are read at once. */
  readonly batchSize: number;
  /** They are fewer when they are longer than this together. */
  readonly batchBytesMax: number;
  /** Between two batches, for others. */
  readonly pauseMs: number;
  /** Fallback for a missed notification of the database. */
  readonly pollMs: number;
  /** After so long what was written before an export has begun its transaction in every process. */
  readonly settleMs: number;
  /** How long after a worker's crash its export is taken over. */
  readonly leaseMs: number;
  /** Faults in a row before an export is given up. */
  readonly attemptsMax: number;
  /** How long the files of a finished export are there. */
  readonly expiryMs: number;
}

export const loadBulkConfig = ({ whole }: Pick<SettingReader, 'whole'>): BulkConfig => ({
  jobsMax: whole('BULK_JOBS_MAX', 3, 1, 1_000),
  fileRowsMax: whole('BULK_FILE_ROWS_MAX', 50_000, 1, 10_000_000),
  fileBytesMax: whole('BULK_FILE_BYTES_MAX', 128 * 1024 * 1024, 1_024, 2 ** 40),
  batchSize: whole('BULK_BATCH_SIZE', 1_000, 1, 10_000),
  batchBytesMax: whole('BULK_BATCH_BYTES_MAX', 16 * 1024 * 1024, 1_024, 2 ** 30),
  pauseMs: whole('BULK_PAUSE_MS', 2, 0, 60_000),
  pollMs: whole('BULK_POLL_MS', 2_000, 10, 600_000),
  settleMs: whole('BULK_SETTLE_MS', 500, 0, 3_600_000),
  leaseMs: whole('BULK_LEASE_MS', 60_000, 100, 3_600_000),
  attemptsMax: whole('BULK_ATTEMPTS_MAX', 5, 1, 1_000),
  expiryMs: whole('BULK_EXPIRY_SECONDS', 86_400, 1, 31_536_000) * 1_000,
});
