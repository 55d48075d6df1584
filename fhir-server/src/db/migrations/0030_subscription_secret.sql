-- Values of header lines and signing secrets of Subscriptions: no version of the resource holds them.
create table subscription_secret (
  subscription_id text primary key,
  sealed text not null, -- JWE of the server's own secret
  recorded_at timestamptz not null default now()
);
