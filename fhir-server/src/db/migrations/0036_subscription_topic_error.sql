-- What the endpoint of a topic-based Subscription said at the last attempt, where it did not take it.
alter table subscription_topic add column last_error text;
