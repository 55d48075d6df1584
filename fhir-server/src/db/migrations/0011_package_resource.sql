-- Which resources a package has stored: a newer version replaces and deletes these, and no others.

create table fhir.package_resource (
  name text not null,
  resource_type text not null,
  id text not null,
  primary key (resource_type, id)
);

create index package_resource_name on fhir.package_resource (name);
