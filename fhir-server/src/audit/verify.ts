/** Whether all AuditEvents are as they were sealed, none is missing, and none was put in beside the server. */
import type { Pool } from '../db/index.ts';
import { CHAIN_START, sealHash, type SealedEvent } from './seal.ts';

export interface ChainReport {
  readonly seals: number;
  readonly events: number;
  /** Hash of the last seal: kept elsewhere, it proves that nothing was cut off the end. */
  readonly head: string;
  /** In words, with the seal or id that they concern; empty when all is well. */
  readonly faults: readonly string[];
}

interface SealRow {
  readonly seq: number;
  readonly previous: string;
  readonly hash: string;
  readonly events: readonly string[];
}

const SEALS_PER_READ = 200;
const FAULTS_MAX = 100;
/** AuditEvents of clients are sealed soon after they came. */
const SEALED_WITHIN_MS = 60_000;

/** Reads the whole chain, in parts. */
export async function verifyChain(pool: Pool): Promise<ChainReport> {
  const faults: string[] = [];
  const origin = await pool.query<{ seq: number; hash: string }>(
    'select seq::float8 as seq, hash from audit.origin',
  );
  let { seq, hash } = origin.rows[0] ?? { seq: 0, hash: CHAIN_START };
  let [seals, events] = [0, 0];
  for (;;) {
    const { rows } = await pool.query<SealRow>(
      'select seq::float8 as seq, previous, hash, events from audit.seal where seq > $1 order by seq limit $2',
      [seq, SEALS_PER_READ],
    );
    for (const row of rows) {
      if (row.seq !== seq + 1) faults.push(`seals ${seq + 1} to ${row.seq - 1} are missing`);
      if (row.previous !== hash) faults.push(`seal ${row.seq} does not follow from the one before it`);
      faults.push(...(await sealFaults(pool, row)));
      seals += 1;
      events += row.events.length;
      ({ seq, hash } = row);
    }
    if (rows.length === 0 || faults.length > FAULTS_MAX) break;
  }
  if (faults.length <= FAULTS_MAX) faults.push(...(await strangers(pool)));
  return { seals, events, head: hash, faults };
}

async function sealFaults(pool: Pool, { seq, previous, hash, events }: SealRow): Promise<string[]> {
  const { rows } = await pool.query<SealedEvent & { version: number; deleted: boolean }>(
    `select id, content, version_id as version, deleted from fhir."AuditEvent" where id = any($1::text[])`,
    [events],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  const missing = events.filter((id) => byId.get(id)?.deleted !== false);
  if (missing.length > 0) return [`seal ${seq}: AuditEvent ${missing.join(', ')} is missing`];
  const found = events.map((id) => byId.get(id)!);
  const rewritten = found.filter(({ version }) => version !== 1).map(({ id }) => id);
  if (rewritten.length > 0) return [`seal ${seq}: AuditEvent ${rewritten.join(', ')} has been changed`];
  return sealHash(previous, found) === hash ? [] : [`seal ${seq}: an AuditEvent in it has been changed: one of ${events.join(', ')}`]; // prettier-ignore
}

/** Of no seal: not made by the server. */
async function strangers(pool: Pool): Promise<string[]> {
  const table = await pool.query(`select 1 from fhir.layout where resource_type = 'AuditEvent'`);
  if (table.rows.length === 0) return [];
  const { rows } = await pool.query<{ id: string }>(
    `select e.id from fhir."AuditEvent" e left join (select unnest(events) as id from audit.seal) s on s.id = e.id
     where s.id is null and e.last_updated < $1 limit ${FAULTS_MAX}`,
    [Date.now() - SEALED_WITHIN_MS],
  );
  return rows.map(({ id }) => `AuditEvent ${id} is in no seal`);
}
