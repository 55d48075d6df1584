-- What the events of a topic-based Subscription were collected for; when that changes, they are not its events any more.
alter table subscription_topic add column about text;
