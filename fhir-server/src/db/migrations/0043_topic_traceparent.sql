-- Where in a trace the write was asked for, as in 0040, for notifications of topic-based Subscriptions.
alter table subscription_event add column traceparent text;
