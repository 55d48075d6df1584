/**
 * A database that a server takes for one of Citus: its extension by name, and functions that only write down how they were
 * called. Nothing is distributed; statements are those that a distributed database would be sent.
 */

const EXTENSION = `insert into pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
  select 99999, 'citus', oid, 'pg_catalog'::regnamespace, false, 'names only' from pg_roles where rolname = current_user`;

export const CITUS_NAMES = `${EXTENSION};
  create table pg_dist_partition (logicalrelid regclass, partmethod "char");
  create table call (number serial, "table" text, "column" text, colocated text);
  create function create_distributed_table(relation regclass, distribution text, colocate_with text) returns void language sql as $$
    insert into pg_dist_partition values (relation, 'h');
    insert into call ("table", "column", colocated) values (relation::text, distribution, colocate_with);
  $$`;

/** Holds for connections that begin after it. */
export const askFor = (database: string, value: string): string =>
  `alter database ${database} set dr_assistant.distribute_by = '${value}'`;
