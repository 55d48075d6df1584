-- Bulk exports: jobs that a worker leases, their finished files, and what they have still to fetch.
-- Rows live until the files expire or the client deletes the job.
create schema bulk;

create table bulk.job (
  -- Random; part of the address of the status.
  id text primary key,
  -- Requester in bulk/export-job.ts: whose rights the job has.
  client_id text not null,
  user_id text,
  requester jsonb not null,
  -- ExportRequest in bulk/export-job.ts.
  request jsonb not null,
  -- Of a Group, or of a list: the Patients. Null for exports without such a list.
  patients text[],
  -- Milliseconds since the epoch: the files have what was current then.
  transaction_time bigint not null,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'failed')),
  -- The job reads only when transactions before this one are over.
  fence xid8,
  -- Place in bulk/place.ts: where the next file starts.
  place jsonb,
  -- What the client should know: types that were left out.
  notes text[] not null default '{}',
  -- For X-Progress.
  progress text,
  -- Faults in a row.
  faults integer not null default 0,
  failure text,
  lease_id uuid,
  lease_until timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz
);
create index job_open on bulk.job (created_at) where state in ('waiting', 'running');
create index job_client on bulk.job (client_id) where state in ('waiting', 'running');
create index job_finished on bulk.job (finished_at) where finished_at is not null;

-- Files that are whole.
create table bulk.file (
  id text primary key,
  job_id text not null references bulk.job (id) on delete cascade,
  kind text not null check (kind in ('output', 'deleted', 'error')),
  resource_type text not null,
  count integer not null,
  bytes bigint not null,
  -- Of the rights with which it was written; with others it is not given out.
  rights text not null,
  written_at timestamptz not null default clock_timestamp()
);
create index file_job on bulk.file (job_id, written_at);

-- Resources outside of the patients' compartments that exported ones refer to, or that tell where these come from.
create table bulk.reference (
  job_id text not null references bulk.job (id) on delete cascade,
  resource_type text collate "C" not null,
  id text collate "C" not null,
  -- What those of one wave refer to comes in the next.
  wave integer not null,
  primary key (job_id, resource_type, id)
);
create index reference_wave on bulk.reference (job_id, wave, resource_type, id);
