-- The worker looks at labels that nobody wrote for long, the oldest first, and removes those that no resource has.
create index label_seen on fhir.label (seen_on);
