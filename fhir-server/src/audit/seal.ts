/** From records to AuditEvents, sealed: each seal is a hash over the one before it and the contents of its AuditEvents. */
import { createHash, randomUUID } from 'node:crypto';
import { type Pool, type PoolClient, withTransaction } from '../db/index.ts';
import { isResourceType } from '../fhir/definitions/index.ts';
import { toJson } from '../fhir/json/index.ts';
import { extractIndex, type SearchParameterRegistry } from '../search/index.ts';
import { findPatients, type NewVersion, type ResourceTables, writeVersions } from '../storage/index.ts';
import { auditEvents, type AuditedServer } from './audit-event.ts';
import type { AuditRecord } from './audit-record.ts';

/** One at a time, in all processes: the chain has one end. */
const SEAL_LOCK = 8106;

/** What the first seal of all stands on. */
export const CHAIN_START = 'start';

export interface SealContext {
  readonly pool: Pool;
  readonly registry: SearchParameterRegistry;
  readonly tables: ResourceTables;
  readonly server: AuditedServer;
}

export interface SealedEvent {
  readonly id: string;
  /** The JSON as stored. */
  readonly content: string;
}

export function sealHash(previous: string, events: readonly SealedEvent[]): string {
  const hash = createHash('sha256').update(previous);
  for (const { id, content } of events)
    hash.update(`\n${id} ${createHash('sha256').update(content).digest('base64url')}`);
  return hash.digest('base64url');
}

/** Makes AuditEvents of the oldest records, at most `limit`. Answers how many records it took. */
export async function sealRecords(context: SealContext, limit: number): Promise<number> {
  const { pool, tables } = context;
  await tables.ensure(['AuditEvent']);
  return withTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [SEAL_LOCK]);
    const { rows } = await client.query<{ record: string }>(
      `delete from audit.pending where id in (
         select id from audit.pending order by recorded_at, id limit $1 for update skip locked)
       returning record`,
      [limit],
    );
    if (rows.length === 0) return 0;
    const records = rows.map(({ record }) => JSON.parse(record) as AuditRecord).sort((a, b) => a.at - b.at);
    const versions = await toVersions(context, client, records);
    await writeVersions(client, context.registry, versions, { isSilent: true });
    await appendSeal(client, [...versions, ...(await ofClients(client, records))]);
    return rows.length;
  });
}

async function toVersions(
  { registry, tables, server }: SealContext,
  client: PoolClient,
  records: readonly AuditRecord[],
): Promise<NewVersion[]> {
  const context = { registry, baseUrl: server.fhirBase };
  const patients = await findPatients(client, context, await unknownIds(tables, client, records));
  const patientsOf = (reference: string): readonly string[] => patients.get(nameOf(reference)) ?? [];
  const now = Date.now();
  return records.flatMap((record) =>
    auditEvents(record, patientsOf, server).map((event): NewVersion => {
      const id = randomUUID();
      const { resourceType, ...rest } = event;
      const meta = { versionId: '1', lastUpdated: new Date(now).toISOString() };
      const resource = { resourceType, id, meta, ...rest };
      return {
        interaction: 'create',
        resourceType,
        id,
        versionId: 1,
        lastUpdated: now,
        content: toJson(resource),
        index: extractIndex(resource, context),
        replaces: false,
      };
    }),
  );
}

/** Of `Observation/1/_history/2` the resource. */
const nameOf = (reference: string): string => reference.split('/', 2).join('/');

/** Ids by type of those whose patients the record does not name itself. */
async function unknownIds(
  tables: ResourceTables,
  client: PoolClient,
  records: readonly AuditRecord[],
): Promise<Map<string, string[]>> {
  const names = new Set(
    records.flatMap(({ touched }) =>
      touched.filter(([, known]) => known === undefined).map(([reference]) => nameOf(reference)),
    ),
  );
  const ids = new Map<string, string[]>();
  for (const name of names) {
    const [type = '', id] = name.split('/');
    if (id === undefined || !isResourceType(type)) continue;
    const of = ids.get(type);
    if (of) of.push(id);
    else ids.set(type, [id]);
  }
  const existing = new Set(await tables.existing([...ids.keys()], client));
  return new Map([...ids].filter(([type]) => existing.has(type)));
}

/** AuditEvents that clients have stored themselves. */
async function ofClients(client: PoolClient, records: readonly AuditRecord[]): Promise<SealedEvent[]> {
  const ids = records
    .filter(({ code, outcome }) => code === 'create' && outcome === '0')
    .flatMap(({ touched }) => touched.map(([reference]) => reference.split('/')))
    .flatMap(([type, id]) => (type === 'AuditEvent' && id !== undefined ? [id] : []));
  if (ids.length === 0) return [];
  const { rows } = await client.query<SealedEvent>(
    `select id, content from fhir."AuditEvent" where id = any($1::text[]) order by id`,
    [ids],
  );
  return rows;
}

async function appendSeal(client: PoolClient, events: readonly SealedEvent[]): Promise<void> {
  const { rows } = await client.query<{ seq: number; hash: string }>(
    `(select seq::float8 as seq, hash from audit.seal order by seq desc limit 1)
     union all (select seq::float8, hash from audit.origin) limit 1`,
  );
  const last = rows[0] ?? { seq: 0, hash: CHAIN_START };
  await client.query('insert into audit.seal (seq, previous, hash, events) values ($1, $2, $3, $4)', [
    last.seq + 1,
    last.hash,
    sealHash(last.hash, events),
    events.map(({ id }) => id),
  ]);
}
