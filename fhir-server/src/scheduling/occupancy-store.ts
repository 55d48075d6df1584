/** Which Appointment has a Slot: one row for each Slot that is taken. */
import type { Pool, PoolClient, Queryable } from '../db/index.ts';

export interface Occupancy {
  readonly slotId: string;
  readonly appointmentId: string;
}

interface Row {
  readonly slot_id: string;
  readonly appointment_id: string;
}

const toOccupancy = (row: Row): Occupancy => ({ slotId: row.slot_id, appointmentId: row.appointment_id });

/** What these Appointments have, locked until the end of the transaction. */
export async function lockOccupancies(
  client: PoolClient,
  appointmentIds: readonly string[],
): Promise<Occupancy[]> {
  const { rows } = await client.query<Row>({
    name: 'lock occupancies',
    text: `select slot_id, appointment_id from slot_occupancy where appointment_id = any($1::text[])
      order by slot_id for update`,
    values: [appointmentIds],
  });
  return rows.map(toOccupancy);
}

/** The same of what one of them has held for too long. */
export async function lockExpired(client: PoolClient, appointmentId: string): Promise<Occupancy[]> {
  const { rows } = await client.query<Row>(
    `select slot_id, appointment_id from slot_occupancy where appointment_id = $1 and held_until <= now()
      order by slot_id for update`,
    [appointmentId],
  );
  return rows.map(toOccupancy);
}

export async function releaseSlots(client: PoolClient, slotIds: readonly string[]): Promise<void> {
  await client.query({
    name: 'release slots',
    text: 'delete from slot_occupancy where slot_id = any($1::text[])',
    values: [slotIds],
  });
}

/** Those of the claims that were free. Waits for whoever is about to take one of the Slots. */
export async function takeSlots(
  client: PoolClient,
  claims: readonly Occupancy[],
): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<Pick<Row, 'slot_id'>>({
    name: 'take slots',
    text: `insert into slot_occupancy (slot_id, appointment_id)
      select c.slot_id, c.appointment_id from unnest($1::text[], $2::text[]) as c(slot_id, appointment_id)
      order by c.slot_id
      on conflict (slot_id) do nothing returning slot_id`,
    values: [claims.map((c) => c.slotId), claims.map((c) => c.appointmentId)],
  });
  return new Set(rows.map((row) => row.slot_id));
}

/** Takes what is held for longer than it may be. Answers by Slot which Appointment has lost it. */
export async function takeExpired(
  client: PoolClient,
  claims: readonly Occupancy[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<Row>({
    name: 'take expired slots',
    text: `with expired as (
        select o.slot_id, o.appointment_id from slot_occupancy o
        where o.slot_id = any($1::text[]) and o.held_until <= now() order by o.slot_id for update)
      update slot_occupancy o set appointment_id = c.appointment_id, held_until = null
      from expired e join unnest($1::text[], $2::text[]) as c(slot_id, appointment_id) on c.slot_id = e.slot_id
      where o.slot_id = e.slot_id
      returning e.slot_id, e.appointment_id`,
    values: [claims.map((c) => c.slotId), claims.map((c) => c.appointmentId)],
  });
  return new Map(rows.map((row) => [row.slot_id, row.appointment_id]));
}

/** Lets the Slots of an Appointment go by themselves when the time has come. */
export async function holdSlots(client: PoolClient, appointmentId: string, until: Date): Promise<void> {
  await client.query('update slot_occupancy set held_until = $2 where appointment_id = $1', [
    appointmentId,
    until,
  ]);
}

/** What these Appointments have stays theirs. */
export async function keepSlots(client: PoolClient, appointmentIds: readonly string[]): Promise<void> {
  await client.query({
    name: 'keep slots',
    text: 'update slot_occupancy set held_until = null where appointment_id = any($1::text[]) and held_until is not null',
    values: [appointmentIds],
  });
}

/** Which Appointment has one of the Slots; what was held for too long is free. */
export async function takenSlots(
  db: Queryable,
  slotIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await db.query<Row>({
    name: 'taken slots',
    text: `select slot_id, appointment_id from slot_occupancy
      where slot_id = any($1::text[]) and (held_until is null or held_until > now())`,
    values: [slotIds],
  });
  return new Map(rows.map((row) => [row.slot_id, row.appointment_id]));
}

/** Appointments that have held Slots for too long, at most `limit`. */
export async function expiredHolders(pool: Pool, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ appointment_id: string }>(
    'select distinct appointment_id from slot_occupancy where held_until <= now() limit $1',
    [limit],
  );
  return rows.map((row) => row.appointment_id);
}

/** Those of the Appointments whose hold is over. */
export async function expiredAmong(
  db: Queryable,
  appointmentIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (appointmentIds.length === 0) return new Set();
  const { rows } = await db.query<Pick<Row, 'appointment_id'>>({
    name: 'expired among',
    text: 'select distinct appointment_id from slot_occupancy where appointment_id = any($1::text[]) and held_until <= now()',
    values: [appointmentIds],
  });
  return new Set(rows.map((row) => row.appointment_id));
}
