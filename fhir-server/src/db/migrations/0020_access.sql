-- What access decisions need beside policies: what Consents deny, which records were opened in an emergency, and clearances.
create schema access;

-- compartmentKey and hashKey of the code, computed in the database.
create function fhir.compartment_key(compartment text, id text) returns uuid
  language sql immutable strict parallel safe
  return encode(substring(sha256(convert_to('c' || chr(10) || compartment || chr(10) || id, 'UTF8')) for 16), 'hex')::uuid;

-- Provisions of active Consents, one row each, written in the transaction of the Consent. Null: no such criterion.
create table access.consent_rule (
  consent_id text collate "C" not null,
  -- 0 is the Consent's own provision, `above` the one to which this is an exception.
  node integer not null,
  above integer,
  patient text collate "C" not null,
  compartment uuid not null,
  is_permit boolean not null,
  -- Milliseconds since the epoch, both included.
  starts float8 not null,
  ends float8 not null,
  actors text[],
  purposes text[],
  classes text[],
  labels uuid[],
  instances text[],
  primary key (consent_id, node)
);
create index consent_rule_patient on access.consent_rule (patient);
create index consent_rule_compartment on access.consent_rule (compartment);

-- Whether the rules of Consents from before this table were made.
create table access.consent_state (
  only_one boolean primary key default true check (only_one),
  read_at timestamptz not null default now()
);

-- Records that a user has opened in an emergency. Rows stay for the reviewer.
create table access.emergency (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null,
  patient text collate "C" not null,
  reason text not null,
  began_at timestamptz not null default now(),
  ends_at timestamptz not null
);
create index emergency_user on access.emergency (user_id, ends_at);
create trigger forget_emergencies after insert or update or delete on access.emergency
  for each statement execute function auth.forget();

-- Of a user: codes of v3-Confidentiality that he may see beyond his policy (R, V), and `consent` for whom no Consent binds.
alter table auth.users add column clearance text[] not null default '{}';

-- Whether an admin has changed a policy that comes with the server: then newer versions of it leave it alone.
alter table auth.access_policy add column changed boolean not null default false;
