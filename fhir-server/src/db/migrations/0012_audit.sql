-- Who did what. Records wait here until a worker has made AuditEvents of them, which it seals into a chain of hashes.
create schema audit;

create table audit.pending (
  id uuid primary key default gen_random_uuid(),
  recorded_at timestamptz not null default clock_timestamp(),
  -- AuditRecord in audit/audit-record.ts, as JSON.
  record text not null
);
create index pending_order on audit.pending (recorded_at, id);

-- Each seal covers some AuditEvents and the seal before it.
create table audit.seal (
  seq bigint primary key,
  previous text not null,
  hash text not null,
  -- Ids of AuditEvents, in the order in which they were hashed.
  events text[] not null,
  sealed_at timestamptz not null default clock_timestamp()
);
create index seal_age on audit.seal (sealed_at);

-- Where the chain begins since old seals were removed: at the hash of the last one that was.
create table audit.origin (
  only_one boolean primary key default true check (only_one),
  seq bigint not null,
  hash text not null
);
