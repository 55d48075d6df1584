-- Versions of one resource that wait, whichever Subscription they are for: few, so that this index alone leads to them.
create index subscription_delivery_versions
  on subscription_delivery (resource_id, resource_type, version_id) where state = 'pending';
drop index subscription_delivery_order;
