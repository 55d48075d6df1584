-- With which rights each Subscription was asked for: notifications have no more, and end with the grant of its token.
-- Rows without scopes are from before; they go by what the client may ask for.

alter table subscription_owner
  add column scopes text[],
  add column patient text,
  add column encounter text,
  add column grant_id text;
