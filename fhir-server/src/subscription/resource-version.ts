/** Reads exact versions of resources, current or superseded, many at once. */
import type { Pool, PoolClient } from '../db/index.ts';

export interface ResourceVersion {
  readonly id: string;
  readonly versionId: number;
  /** Milliseconds since the epoch. */
  readonly lastUpdated: number;
  /** The JSON as stored. */
  readonly content: string;
}

/** Deleted or purged versions are absent from the answer. The type must be one that has been written. */
export async function loadVersions(
  client: Pool | PoolClient,
  resourceType: string,
  versions: readonly { readonly id: string; readonly versionId: number }[],
): Promise<readonly ResourceVersion[]> {
  const table = resourceType.replaceAll('"', '');
  const { rows } = await client.query<{
    id: string;
    version_id: number;
    last_updated: string;
    content: string;
  }>({
    text: `with wanted as (select * from unnest($1::text[], $2::int[]) as w (id, version_id))
      select id, version_id, last_updated, content from fhir."${table}" r
        join wanted using (id, version_id) where not deleted
      union all
      select id, version_id, last_updated, content from fhir."${table}_history" h
        join wanted using (id, version_id) where not deleted`,
    values: [versions.map((v) => v.id), versions.map((v) => v.versionId)],
  });
  return rows.map((r) => ({
    id: r.id,
    versionId: r.version_id,
    lastUpdated: Number(r.last_updated),
    content: r.content,
  }));
}
