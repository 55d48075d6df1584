-- Resources live in one table per type, made when the type is first written (storage/resource-table.ts).
create schema fhir;

-- One row per version written, in the same transaction; the worker removes it when it has looked for subscribers.
-- No sequence: ids are UUIDs of version 7, made by the writer.
create table outbox (
  id uuid primary key,
  resource_type text not null,
  resource_id text not null,
  version_id integer not null,
  interaction text not null check (interaction in ('create', 'update', 'delete')),
  created_at timestamptz not null default now()
);

-- Earlier events of a resource are looked for before a later one is taken.
create index outbox_resource on outbox (resource_type, resource_id);
