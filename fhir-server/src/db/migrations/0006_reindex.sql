-- Resources that are to be indexed anew: for a SearchParameter, on request, or for a newer form of the index.
-- A parameter can be searched by when a job of its present definition is done.

create table fhir.reindex_job (
  id uuid primary key default gen_random_uuid(),
  parameter_id text, -- of the SearchParameter; null for other reasons
  definition text, -- hash of what of that parameter decides about the index
  index_form integer, -- the form that rows of the types have when it is done; null where that was no reason
  resource_types text[] not null,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'obsolete')),
  -- 1: all resources; 2: those written since by processes that did not know of the change
  pass integer not null default 1,
  type_number integer not null default 0, -- into resource_types, from 0
  position text collate "C" not null default '', -- last id done of that type
  fence xid8, -- the second pass waits until transactions before this one are over
  total bigint,
  done bigint not null default 0,
  error text, -- of the last attempt that failed; it is tried again
  lease_until timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  started_at timestamptz,
  finished_at timestamptz
);

create index reindex_job_open on fhir.reindex_job (created_at) where state in ('waiting', 'running');
create index reindex_job_parameter on fhir.reindex_job (parameter_id) where parameter_id is not null;
