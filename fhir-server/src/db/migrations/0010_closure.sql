-- Closure tables of $closure: which concepts a client has named, and which of them subsume which.
create schema if not exists terminology;

create table terminology.closure (
  -- The client, or the user behind it.
  owner text not null collate "C",
  name text not null collate "C",
  version integer not null default 0,
  primary key (owner, name)
);

create table terminology.closure_concept (
  owner text not null collate "C",
  name text not null collate "C",
  system text not null collate "C",
  code text not null collate "C",
  primary key (owner, name, system, code),
  foreign key (owner, name) references terminology.closure on delete cascade
);

create table terminology.closure_relation (
  owner text not null collate "C",
  name text not null collate "C",
  system text not null collate "C",
  -- The concept, and the one that subsumes it.
  code text not null collate "C",
  above text not null collate "C",
  -- The version with which it was told.
  version integer not null,
  primary key (owner, name, system, code, above),
  foreign key (owner, name) references terminology.closure on delete cascade
);
create index on terminology.closure_relation (owner, name, version);
