-- Where in a trace a write was asked for, so that its notifications belong to it. Null where nobody traces.
-- https://www.w3.org/TR/trace-context/#traceparent-header
alter table outbox add column traceparent text;
alter table subscription_delivery add column traceparent text;
