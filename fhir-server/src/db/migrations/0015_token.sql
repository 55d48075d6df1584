-- Tokens: only hashes are kept, a grant ends as a whole, spent refresh tokens lead on, signing keys take turns.

-- The payload of oidc-provider has the token itself as its jti.
update auth.oidc set payload = payload - 'jti'
where model in ('AccessToken', 'RefreshToken', 'AuthorizationCode', 'ClientCredentials');

-- Of a spent refresh token: with it and the token, which its client alone has, the one that replaced it is made again.
alter table auth.oidc add column successor_salt text;

-- A key is published from created_at on, and signs from then on until another one does.
alter table auth.signing_key add column signs_from timestamptz;
update auth.signing_key set signs_from = created_at;
alter table auth.signing_key alter column signs_from set not null;

-- Ends a grant: no token of it is there afterwards, nor can one be made that was under way. The row of the Grant goes
-- first, since whoever stores a token of it holds that row; tokens that he stored are seen by the statements after it.
create function auth.revoke_grant(ended text) returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(8115, hashtext(ended));
  delete from auth.oidc where model = 'Grant'
    and id = rtrim(translate(encode(sha256(convert_to(ended, 'UTF8')), 'base64'), '+/', '-_'), '=');
  delete from auth.oidc where grant_id = ended;
  delete from auth.grant_context where grant_id = ended;
end $$;

-- Ends everything that an account has: grants, tokens, sessions. For new passwords, and when it is disabled.
create function auth.end_account_access(account text) returns void language plpgsql as $$
begin
  perform auth.revoke_grant(payload->>'jti') from auth.oidc
    where model = 'Grant' and payload ? 'accountId' and payload->>'accountId' = account;
  delete from auth.oidc where payload ? 'accountId' and payload->>'accountId' = account;
end $$;

-- Whichever way it was disabled, nothing comes back when it is enabled again.
create function auth.end_disabled() returns trigger language plpgsql as $$
begin
  perform auth.end_account_access(new.id::text);
  return null;
end $$;
create trigger end_disabled after update on auth.users for each row
  when (new.disabled and not old.disabled) execute function auth.end_disabled();

-- Only what was good until now and is gone takes rights away; the sweep of expired rows does not.
create function auth.forget_deleted() returns trigger language plpgsql as $$
begin
  if exists (select from gone where expires_at > now()
             and model in ('AccessToken', 'ClientCredentials', 'Grant', 'Session')) then
    notify auth_changed;
  end if;
  return null;
end $$;
drop trigger forget_tokens on auth.oidc;
create trigger forget_tokens after delete on auth.oidc referencing old table as gone
  for each statement execute function auth.forget_deleted();
