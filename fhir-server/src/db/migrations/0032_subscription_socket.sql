-- Tokens with which a websocket is bound to Subscriptions: for one use, and with the rights of who asked for them.
create table subscription_socket_token (
  hash text primary key, -- of the token, which nobody keeps
  subscription_ids text[] not null,
  rights jsonb not null,
  expires_at timestamptz not null
);
create index subscription_socket_token_expiry on subscription_socket_token (expires_at);
