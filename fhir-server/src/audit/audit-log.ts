/**
 * Where records go: those of writes into the transaction of the write, all others into a buffer that is written down at
 * most some hundred milliseconds later, or at once where the configuration asks for it.
 */
import type { Pool, Queryable } from '../db/index.ts';
import type { AuditConfig } from '../platform/config.ts';
import type { Logger } from '../platform/logger.ts';
import type { AuditRecord } from './audit-record.ts';

/** With more of them unwritten, whoever makes another waits until they are. */
const WAITING_MAX = 5_000;

export interface AuditLog {
  /**
   * Remembers an access that changed nothing, or a security event. Where a promise is answered, the caller must not answer
   * his client before it resolves; it rejects when the record could not be written.
   */
  note(record: AuditRecord): Promise<void> | undefined;
  /** Writes down what is left. */
  close(): Promise<void>;
}

export interface AuditLogOptions {
  readonly pool: Pool;
  readonly settings: AuditConfig;
  readonly logger: Logger;
}

/** For processes that answer no requests. */
export const NO_AUDIT: Pick<AuditLog, 'note'> = { note: () => undefined };

/** In the transaction of a write: it is committed with its record, or neither is. */
export async function writeRecords(db: Queryable, records: readonly AuditRecord[]): Promise<void> {
  if (records.length === 0) return;
  await db.query({
    name: 'audit_record',
    text: 'insert into audit.pending (record) select * from unnest($1::text[])',
    values: [records.map((record) => JSON.stringify(record))],
  });
}

export function createAuditLog({ pool, settings, logger }: AuditLogOptions): AuditLog {
  let waiting: AuditRecord[] = [];
  let writing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  /** One after the other; what fails goes back into the buffer and is tried again. */
  async function write(): Promise<void> {
    const records = waiting;
    waiting = [];
    try {
      await writeRecords(pool, records);
    } catch (error) {
      waiting = [...records, ...waiting];
      logger.error({ err: error, count: records.length }, 'audit records not written; tried again');
      throw error;
    }
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    while (writing) await writing.catch(() => undefined);
    if (waiting.length === 0) return;
    writing = write();
    try {
      await writing;
    } finally {
      writing = undefined;
    }
  }

  function flushSoon(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      flush().catch(flushSoon);
    }, settings.flushMs);
  }

  return {
    note(record) {
      const isReading = record.kind === 'rest' && record.outcome === '0';
      if (isReading && !settings.reads) return undefined;
      if (settings.isSynchronous) return writeRecords(pool, [record]);
      waiting.push(record);
      if (waiting.length >= WAITING_MAX) return flush();
      flushSoon();
      return undefined;
    },
    async close() {
      await flush().catch(() => flush());
    },
  };
}
