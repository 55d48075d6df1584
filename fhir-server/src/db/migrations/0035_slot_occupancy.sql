-- Which Appointment has a Slot. The primary key is what makes double booking impossible.
create table slot_occupancy (
  slot_id text collate "C" primary key,
  appointment_id text collate "C" not null,
  -- Until when an Appointment that is only held keeps it; null for one that stays.
  held_until timestamptz
);
create index slot_occupancy_appointment on slot_occupancy (appointment_id);
create index slot_occupancy_held on slot_occupancy (held_until) where held_until is not null;

-- Appointments that are there already. Of two that name one Slot, the first by id has it.
do $$
begin
  if to_regclass('fhir."Appointment"') is null then return; end if;
  insert into slot_occupancy (slot_id, appointment_id)
    select regexp_replace(slot ->> 'reference', '^(.*/)?Slot/', ''), min(a.id)
    from fhir."Appointment" a, jsonb_array_elements(a.content::jsonb -> 'slot') slot
    where not a.deleted and a.content::jsonb ->> 'status' in ('pending', 'booked', 'arrived', 'fulfilled', 'checked-in', 'noshow')
      and slot ->> 'reference' ~ '^(.*/)?Slot/[A-Za-z0-9.-]{1,64}$'
    group by 1;
end $$;
