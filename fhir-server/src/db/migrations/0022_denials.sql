-- Processes keep whose Consents deny something, so that nobody else's resources are asked about; whatever adds to these or
-- takes away tells them.
create function access.tell_denials() returns trigger language plpgsql as $$
begin
  notify consents_changed;
  return null;
end $$;
create trigger tell_denials after insert or update on access.consent_rule
  for each row when (not new.is_permit) execute function access.tell_denials();
create trigger tell_withdrawals after delete on access.consent_rule
  for each row when (not old.is_permit) execute function access.tell_denials();
