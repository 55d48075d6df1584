-- Up to where a replica must have come before it may answer a client: the end of the write-ahead log when what he wrote, or was
-- notified of, had been committed. The client `*` is everybody: what Consents say has changed. Unlogged: a crash of the primary
-- empties it together with `*`, and whoever misses that row begins anew at the end of the log. Never read on a replica.
create schema replica;

create unlogged table replica.client_position (
  client text primary key,
  position pg_lsn not null,
  noted_at timestamptz not null default now()
);
