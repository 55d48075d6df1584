-- Accounts: second factors, identities at other providers, what a log-in under way has shown, and limits.

-- Somebody who came by an identity provider has no password here, and nothing until an admin gives him a role.
alter table auth.users
  alter column password_hash drop not null,
  alter column role drop not null,
  alter column fhir_user drop not null,
  add column must_change_password boolean not null default false,
  add column created_at timestamptz not null default now();

-- RFC 6238. The secret is encrypted under the server's; a time step is taken once.
create table auth.totp (
  user_id uuid primary key references auth.users on delete cascade,
  secret text not null,
  used_step bigint not null default 0,
  confirmed_at timestamptz
);

create table auth.recovery_code (
  user_id uuid not null references auth.users on delete cascade,
  code_hash text not null,
  primary key (user_id, code_hash)
);

-- https://www.w3.org/TR/webauthn-2/
create table auth.passkey (
  id text primary key,
  user_id uuid not null references auth.users on delete cascade,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null default '{}',
  name text not null,
  created_at timestamptz not null default now(),
  used_at timestamptz
);
create index passkey_user on auth.passkey (user_id);

-- What a browser has shown so far in a log-in, or is asked to sign; under the id of the interaction or session.
create table auth.login_progress (
  id text primary key,
  user_id uuid not null references auth.users on delete cascade,
  amr text[] not null,
  identity_provider text,
  failures integer not null default 0,
  challenge text,
  expires_at timestamptz not null
);

create table auth.federated_identity (
  issuer text not null,
  subject text not null,
  user_id uuid not null references auth.users on delete cascade,
  -- As the provider told them, for the admin who gives a role; nothing is decided by them.
  name text,
  email text,
  created_at timestamptz not null default now(),
  primary key (issuer, subject)
);
create index federated_identity_user on auth.federated_identity (user_id);

-- A log-in that is under way at an identity provider, under the hash of its state.
create table auth.federation_state (
  state_hash text primary key,
  provider text not null,
  nonce text not null,
  code_verifier text not null,
  -- Where it goes on: an interaction, or the session of a user who links his account.
  interaction text,
  session_uid text,
  expires_at timestamptz not null
);

-- Of a session of oidc-provider: where it was begun.
create table auth.session_origin (
  session_uid text primary key,
  user_id uuid not null references auth.users on delete cascade,
  address text not null,
  user_agent text not null,
  identity_provider text,
  began_at timestamptz not null default now()
);
create index session_origin_user on auth.session_origin (user_id);
create index oidc_account on auth.oidc ((payload->>'accountId')) where payload ? 'accountId';

-- Of the package rate-limiter-flexible, which knows its columns.
drop table auth.login_failure;
create table auth.rate_limit (
  key varchar(255) primary key,
  points integer not null default 0,
  expire bigint
);
