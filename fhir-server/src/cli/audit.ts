/** `cli.ts audit verify|export`: the chain of AuditEvents, and a copy of them for other systems. */
import { once } from 'node:events';
import { readEvents, verifyChain } from '../audit/index.ts';
import { createPool } from '../db/index.ts';
import { ConfigError, type Config } from '../platform/config.ts';

/** Sets the exit code when the chain is broken. */
export async function verifyAudit(config: Config): Promise<void> {
  const pool = createPool(config);
  try {
    const { seals, events, head, faults } = await verifyChain(pool);
    for (const fault of faults) console.error(fault);
    if (faults.length > 0) process.exitCode = 1;
    console.log(
      `${events} AuditEvents in ${seals} seals: ${faults.length === 0 ? 'all as they were sealed' : 'NOT as they were sealed'}. Head: ${head}`,
    );
  } finally {
    await pool.end();
  }
}

/** Dates or instants; `until` is exclusive. */
export async function exportAudit(config: Config, from?: string, until?: string): Promise<void> {
  const period = { since: instant(from, 0), until: instant(until, Number.MAX_SAFE_INTEGER) };
  const pool = createPool(config);
  try {
    for await (const contents of readEvents(pool, period))
      if (!process.stdout.write(contents.map((content) => `${content}\n`).join('')))
        await once(process.stdout, 'drain');
  } finally {
    await pool.end();
  }
}

function instant(text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new ConfigError(`${text} is not a date such as 2026-01-31`);
  return at;
}
