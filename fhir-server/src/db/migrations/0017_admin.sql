-- Administration: temporary passwords, and grants that are looked up by whom they are for.
alter table auth.users add column if not exists must_change_password boolean not null default false;
create index oidc_grants on auth.oidc ((payload->>'accountId'), (payload->>'clientId')) where model = 'Grant';
create index oidc_client on auth.oidc ((payload->>'clientId')) where payload ? 'clientId';
