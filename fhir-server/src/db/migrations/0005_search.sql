-- What search needs besides the tables of each type.

-- Substrings of strings are found by their trigrams.
create extension if not exists pg_trgm;

-- Each distinct display, text of a code, or uri of a type's parameter, with the key that resources carry in their rows.
-- Rows stay when the last resource with a label is gone; they find nothing then. The worker removes them after a while.
create table fhir.label (
  resource_type text not null,
  param text collate "C" not null,
  value text collate "C" not null,
  key uuid not null,
  seen_on date not null default current_date,
  primary key (resource_type, param, value)
);

-- The key of a reference, as referenceKey and hashKey make it: the first 128 bits of SHA-256.
create function fhir.reference_key(param text, target_type text, id text) returns uuid
  language sql immutable strict parallel safe
  return encode(substring(sha256(convert_to('r' || chr(10) || param || chr(10) || target_type || '/' || id, 'UTF8')) for 16), 'hex')::uuid;

-- Which columns a type's table has, as a hash of its definition, and in which form its rows are indexed.
create table fhir.layout (
  resource_type text primary key,
  definition text not null,
  index_form integer not null
);

-- Types from before this table exist in form 1: their columns come with their next use, their rows are indexed anew.
insert into fhir.layout (resource_type, definition, index_form)
select t.relname, '', 1 from pg_class t join pg_namespace n on n.oid = t.relnamespace
where n.nspname = 'fhir' and t.relkind = 'r' and t.relname ~ '^[A-Z]' and t.relname !~ '_(history|string)$';
