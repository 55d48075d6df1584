-- The history of a type runs through its versions by time: deleted and superseded ones get an index for it, as current
-- ones have. New types get both with their tables (storage/resource-table.ts). Building blocks writers of the type.
do $$
declare
  resource_type text;
begin
  for resource_type in
    select t.relname from pg_class t join pg_namespace n on n.oid = t.relnamespace
    where n.nspname = 'fhir' and t.relkind = 'r' and t.relname ~ '^[A-Z]' and t.relname !~ '_(history|string)$'
  loop
    execute format(
      'create index if not exists %I on fhir.%I (last_updated, id) where deleted',
      left(resource_type || ' deletions', 60), resource_type);
    execute format(
      'create index if not exists %I on fhir.%I (last_updated, id, version_id)',
      left(resource_type || ' superseded', 60), resource_type || '_history');
  end loop;
end $$;
