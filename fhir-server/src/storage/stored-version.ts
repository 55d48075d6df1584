/** One version of a resource as it lies in the database. */
export interface StoredVersion {
  readonly id: string;
  readonly versionId: number;
  /** Milliseconds since the epoch. */
  readonly lastUpdated: number;
  readonly deleted: boolean;
  /** The JSON as it is sent, `meta` included; empty for a deletion. */
  readonly content: string;
}

export interface VersionRow {
  readonly id: string;
  readonly version_id: number;
  readonly last_updated: number;
  readonly deleted: boolean;
  readonly content: string;
}

export const VERSION_COLUMNS = 'r.id, r.version_id, r.last_updated, r.deleted, r.content';

export const toStoredVersion = (row: VersionRow): StoredVersion => ({
  id: row.id,
  versionId: row.version_id,
  lastUpdated: row.last_updated,
  deleted: row.deleted,
  content: row.content,
});
