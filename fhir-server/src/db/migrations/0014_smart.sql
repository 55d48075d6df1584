-- Launches with more context and to several addresses; registration of clients by initial access tokens (RFC 7591).
update auth.clients
set document = (document - 'launchUri') || jsonb_build_object('launchUris', jsonb_build_array(document->'launchUri'))
where document ? 'launchUri';

alter table auth.launch
  add column fhir_context jsonb,
  add column tenant text,
  add column need_patient_banner boolean not null default true;
alter table auth.grant_context
  add column fhir_context jsonb,
  add column tenant text,
  add column need_patient_banner boolean not null default true;

create table auth.initial_access (
  -- SHA-256 of the token.
  id text primary key,
  -- The most that a client may be registered for.
  scope text not null,
  uses_left integer not null,
  expires_at timestamptz not null
);
