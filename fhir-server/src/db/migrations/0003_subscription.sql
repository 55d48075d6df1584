-- Who asked for each Subscription, and the deliveries that matched events turned into.
-- A delivery row is inserted in the transaction that removes its outbox row, so an event is in exactly one of both.

create table subscription_owner (
  subscription_id text primary key,
  client_id text not null,
  user_id text,
  recorded_at timestamptz not null default now()
);

create table subscription_delivery (
  id uuid primary key default gen_random_uuid(), -- sent as X-Event-Id, the same at each attempt
  subscription_id text not null,
  resource_type text not null,
  resource_id text not null,
  version_id integer not null,
  state text not null default 'pending'
    check (state in ('pending', 'delivered', 'failed', 'refused', 'cancelled')),
  attempt integer not null default 0,
  next_attempt_at timestamptz not null default now(), -- while leased: the end of the lease
  lease uuid,
  last_error text,
  created_at timestamptz not null default now(),
  finished_at timestamptz
);

create index subscription_delivery_due on subscription_delivery (next_attempt_at) where state = 'pending';
create index subscription_delivery_order
  on subscription_delivery (subscription_id, resource_type, resource_id, version_id) where state = 'pending';
create index subscription_delivery_finished on subscription_delivery (finished_at) where state <> 'pending';
