-- Deliveries are taken subscription by subscription, so that one with many does not keep the others waiting.
create index subscription_delivery_share
  on subscription_delivery (subscription_id, next_attempt_at) where state = 'pending';
drop index subscription_delivery_due;
create index subscription_delivery_given_up on subscription_delivery (subscription_id) where state = 'failed';
