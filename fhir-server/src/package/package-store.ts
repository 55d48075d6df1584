/** The packages that are installed, as the database has them. */
import type { PoolClient, Queryable } from '../db/index.ts';

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly canonical?: string;
  /** Resources that it stored. */
  readonly resources: number;
  readonly skipped: number;
  readonly installedAt: Date;
  /** Whether a newer version has taken its place. */
  readonly isSuperseded: boolean;
}

interface Row {
  name: string;
  version: string;
  canonical: string | null;
  resources: number;
  skipped: number;
  installed_at: Date;
  superseded_at: Date | null;
}

/** By name, the newest first. */
export async function listPackages(db: Queryable): Promise<InstalledPackage[]> {
  const { rows } = await db.query<Row>({
    name: 'package_list',
    text: `select name, version, canonical, resources, skipped, installed_at, superseded_at
      from fhir.package order by name, installed_at desc`,
    values: [],
  });
  return rows.map((row) => ({
    name: row.name,
    version: row.version,
    ...(row.canonical === null ? {} : { canonical: row.canonical }),
    resources: row.resources,
    skipped: row.skipped,
    installedAt: row.installed_at,
    isSuperseded: row.superseded_at !== null,
  }));
}

type Counted = Pick<InstalledPackage, 'name' | 'version' | 'resources' | 'skipped'> & {
  readonly canonical?: string;
};

export async function recordPackage(
  client: PoolClient,
  { name, version, canonical, resources, skipped }: Counted,
): Promise<void> {
  await client.query(
    'update fhir.package set superseded_at = clock_timestamp() where name = $1 and superseded_at is null',
    [name],
  );
  await client.query(
    `insert into fhir.package (name, version, canonical, resources, skipped) values ($1, $2, $3, $4, $5)
     on conflict (name, version) do update set canonical = excluded.canonical, resources = excluded.resources,
       skipped = excluded.skipped, installed_at = clock_timestamp(), superseded_at = null`,
    [name, version, canonical ?? null, resources, skipped],
  );
}

/** `Type/id` of what a package has stored. */
export async function packageResources(db: Queryable, name: string): Promise<Set<string>> {
  const { rows } = await db.query<{ resource: string }>({
    name: 'package_resources',
    text: `select resource_type || '/' || id as resource from fhir.package_resource where name = $1`,
    values: [name],
  });
  return new Set(rows.map(({ resource }) => resource));
}

export async function ownResources(
  client: PoolClient,
  name: string,
  resources: readonly { readonly resourceType: string; readonly id: string }[],
): Promise<void> {
  await client.query(
    `insert into fhir.package_resource (name, resource_type, id)
     select $1, * from unnest($2::text[], $3::text[]) on conflict do nothing`,
    [name, resources.map((r) => r.resourceType), resources.map((r) => r.id)],
  );
}

export async function disownResources(
  client: PoolClient,
  resources: readonly { readonly resourceType: string; readonly id: string }[],
): Promise<void> {
  await client.query(
    `delete from fhir.package_resource p using unnest($1::text[], $2::text[]) as gone (resource_type, id)
     where p.resource_type = gone.resource_type and p.id = gone.id`,
    [resources.map((r) => r.resourceType), resources.map((r) => r.id)],
  );
}
