-- Which stored content belongs to which version of a Binary. A row is there before anything is stored under its key, so that
-- content which no version has can be found here: what has no version is being written, or was left behind.
create table fhir.binary_content (
  id text collate "C" not null,
  key text collate "C" not null,
  -- Of the version that brought it; null until that is committed.
  version_id integer,
  size bigint,
  sha256 bytea,
  begun_at timestamptz not null default now(),
  -- Content is being removed, and no version may take it any more.
  doomed boolean not null default false,
  primary key (id, key),
  unique (id, version_id)
);
create index on fhir.binary_content (begun_at) where version_id is null;
