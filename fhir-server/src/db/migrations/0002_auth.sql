-- The authorization server: accounts, clients, policies, and the tokens and sessions of oidc-provider.
-- Tokens, codes and launch handles are kept under their SHA-256, so that a copy of the table opens nothing.
create schema auth;

create table auth.access_policy (
  name text primary key,
  document jsonb not null
);

create table auth.users (
  id uuid primary key,
  username text not null unique,
  password_hash text not null,
  role text not null references auth.access_policy (name),
  fhir_user text not null,
  disabled boolean not null default false
);

create table auth.clients (
  client_id text primary key,
  -- ClientDocument in auth/provision.ts; the secret is there as its SHA-256.
  document jsonb not null
);

create table auth.oidc (
  model text not null,
  id text not null,
  payload jsonb not null,
  grant_id text,
  uid text,
  expires_at timestamptz,
  consumed_at timestamptz,
  primary key (model, id)
);
create index oidc_grant on auth.oidc (grant_id) where grant_id is not null;
create index oidc_uid on auth.oidc (uid) where uid is not null;
create index oidc_expiry on auth.oidc (expires_at);

-- What a launch or the patient picker gave to a grant.
create table auth.grant_context (
  grant_id text primary key,
  patient text,
  encounter text,
  intent text,
  from_ehr boolean not null default false
);

create table auth.launch (
  id text primary key,
  client_id text not null,
  user_id uuid not null,
  patient text,
  encounter text,
  intent text,
  expires_at timestamptz not null
);

create table auth.signing_key (
  id text primary key,
  jwk jsonb not null,
  created_at timestamptz not null default now()
);

create table auth.login_failure (
  username text not null,
  address text not null,
  failed_at timestamptz not null default now()
);
create index login_failure_recent on auth.login_failure (failed_at);

-- Processes keep verified tokens for a short while; whatever takes rights away tells them to forget.
create function auth.forget() returns trigger language plpgsql as $$
begin
  notify auth_changed;
  return null;
end $$;
create trigger forget_tokens after delete on auth.oidc for each statement execute function auth.forget();
create trigger forget_users after update or delete on auth.users for each statement execute function auth.forget();
create trigger forget_clients after update or delete on auth.clients for each statement execute function auth.forget();
create trigger forget_policies after update or delete on auth.access_policy for each statement execute function auth.forget();
