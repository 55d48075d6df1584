-- Large code systems. Each version of one has two tables of its own, made when it is loaded (terminology/store).
create schema if not exists terminology;

create table terminology.code_system (
  id integer primary key generated always as identity,
  url text not null collate "C",
  -- '' for none.
  version text not null collate "C",
  name text,
  title text,
  content text not null,
  case_sensitive boolean not null,
  hierarchy_meaning text,
  -- Canonical of the value set that has all concepts.
  value_set text,
  status text not null check (status in ('loading', 'active')),
  concept_count integer not null default 0,
  started_at timestamptz not null default now(),
  loaded_at timestamptz
);
create unique index code_system_active on terminology.code_system (url, version) where status = 'active';
