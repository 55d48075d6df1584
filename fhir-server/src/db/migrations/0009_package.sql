-- FHIR packages that are installed, and how often StructureDefinitions have changed: by that each process knows that the
-- profiles that it compiled are old.

create table fhir.package (
  name text not null,
  version text not null,
  canonical text,
  resources integer not null, -- stored by the installation
  skipped integer not null, -- left out, because the standard or somebody else has them already
  installed_at timestamptz not null default clock_timestamp(),
  superseded_at timestamptz, -- since a newer version is installed
  primary key (name, version)
);

create table fhir.structure_definition_change (
  is_only boolean primary key default true check (is_only),
  changes bigint not null default 1
);

insert into fhir.structure_definition_change default values;
