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

-- Whether a provision speaks of this resource, recipient and moment; access/consent.ts says the same in memory. Null purposes:
-- nobody knows what for. `named_only`: types that are hidden only where they are named.
create function access.applies(
  rule access.consent_rule, of_type text, of_id text, of_keys uuid[], named_only boolean, to_actors text[], for_purposes text[]
) returns boolean language sql stable as $$
  select rule.starts <= extract(epoch from now()) * 1000 and rule.ends >= extract(epoch from now()) * 1000
    and (rule.actors is null or rule.actors && to_actors)
    and (rule.purposes is null
      or case when for_purposes is null then not rule.is_permit else rule.purposes && for_purposes end)
    and case when named_only then coalesce(of_type = any(rule.classes), false)
      else rule.classes is null or of_type = any(rule.classes) end
    and (rule.labels is null or of_keys && rule.labels)
    and (rule.instances is null or (of_type || '/' || of_id) = any(rule.instances))
$$;

-- A denial that applies, without an exception to it that applies as well. A function, so that the statements that ask, of
-- which there are many and most of patients without a Consent, stay small.
create function access.denies(
  rule access.consent_rule, of_type text, of_id text, of_keys uuid[], named_only boolean, to_actors text[], for_purposes text[]
) returns boolean language plpgsql stable as $$
begin
  return access.applies(rule, of_type, of_id, of_keys, named_only, to_actors, for_purposes) and not exists (
    select from access.consent_rule x
    where x.consent_id = rule.consent_id and x.above = rule.node and x.is_permit
      and access.applies(x, of_type, of_id, of_keys, named_only, to_actors, for_purposes));
end $$;

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
