-- Topic-based Subscriptions: how far each is, and the events that its notifications are made of.
create table subscription_topic (
  subscription_id text primary key,
  channel text not null,
  heartbeat_s integer,
  handshake_due boolean not null,
  paused boolean not null,
  events bigint not null default 0, -- numbers given out so far, without gaps
  delivered bigint not null default 0, -- by rest-hook: the last number that the endpoint has taken
  attempt integer not null default 0,
  next_attempt_at timestamptz not null default now(), -- while leased: the end of the lease
  lease uuid,
  last_sent_at timestamptz not null default now()
);

create table subscription_event (
  subscription_id text not null,
  event_number bigint not null,
  resource_type text not null,
  resource_id text not null,
  version_id integer not null,
  interaction text not null check (interaction in ('create', 'update', 'delete')),
  recorded_at timestamptz not null default now(),
  primary key (subscription_id, event_number)
);
create index subscription_event_recorded on subscription_event (recorded_at);
