/**
 * The rule of every write of an Appointment, whichever way it comes: one that is pending, booked or further has its Slots, and no
 * two have the same; one that is held has them for as long as it says. The status of the Slots follows in the same transaction. https://hl7.org/fhir/R4/appointment.html#slot
 */
import type { Appointment, Slot } from '@medplum/fhirtypes';
import type { PoolClient } from '../db/index.ts';
import { conflict } from '../fhir/outcome.ts';
import type { PlannedWrite, WriteRule, Written } from '../interaction/index.ts';
import { ALL, type SearchParameterRegistry } from '../search/index.ts';
import { lockVersions, type ResourceTables } from '../storage/index.ts';
import { heldUntil, occupies, slotIds, slotStatusFor } from './appointment-state.ts';
import { expireAppointments } from './expire-appointments.ts';
import {
  holdSlots,
  keepSlots,
  lockOccupancies,
  type Occupancy,
  releaseSlots,
  takeExpired,
  takeSlots,
} from './occupancy-store.ts';

export interface SchedulingContext {
  readonly registry: SearchParameterRegistry;
  readonly tables: Pick<ResourceTables, 'exists'>;
  readonly baseUrl: string;
}

interface Claim extends Occupancy {
  readonly slotStatus: Slot['status'];
  readonly place: string;
}

export const createAppointmentRule = (context: SchedulingContext): WriteRule => ({
  follow: (client, written) => occupySlots(context, client, written),
});

const key = ({ slotId, appointmentId }: Occupancy): string => `${appointmentId} ${slotId}`;

/** Answers the writes of Slots, and of Appointments that have held some for too long. Throws 409 where a Slot is not to be had. */
async function occupySlots(
  context: SchedulingContext,
  client: PoolClient,
  written: readonly Written[],
): Promise<PlannedWrite[]> {
  const claims = written.flatMap((one) => claimsOf(one, context.baseUrl));
  checkOnce(claims);
  const before = await lockOccupancies(
    client,
    written.map(({ id }) => id),
  );
  const claimed = new Set(claims.map(key));
  const released = before.filter((one) => !claimed.has(key(one)));
  if (released.length > 0)
    await releaseSlots(
      client,
      released.map(({ slotId }) => slotId),
    );
  const had = new Set(before.map(key));
  const fresh = claims.filter((claim) => !had.has(key(claim)));
  const losers = fresh.length === 0 ? [] : await take(client, fresh);
  await setHolds(client, written, before.length > 0);
  const others = await expireAppointments(context, client, losers);
  return [...others, ...(await slotWrites(context, client, { claims, fresh, released }))];
}

/** What a pending Appointment says of how long it has its Slots is what holds, whoever wrote it. */
async function setHolds(client: PoolClient, written: readonly Written[], hadSlots: boolean): Promise<void> {
  const kept: string[] = [];
  for (const { id, resource } of written) {
    const until = resource === undefined ? undefined : heldUntil(resource as Appointment);
    if (until === undefined) kept.push(id);
    else await holdSlots(client, id, until);
  }
  if (hadSlots && kept.length > 0) await keepSlots(client, kept);
}

function claimsOf({ id, resource, place }: Written, baseUrl: string): Claim[] {
  const appointment = resource as Appointment | undefined;
  if (appointment === undefined || !occupies(appointment)) return [];
  const slotStatus = slotStatusFor(appointment);
  return slotIds(appointment, baseUrl).map((slotId) => ({
    slotId,
    appointmentId: id,
    slotStatus,
    place: place === undefined ? 'Appointment.slot' : `${place}.resource.slot`,
  }));
}

const refusal = (slotId: string, place: string, why = 'taken') => conflict(`Slot/${slotId} is ${why}`, place);

function checkOnce(claims: readonly Claim[]): void {
  const seen = new Set<string>();
  for (const { slotId, place } of claims) {
    if (seen.has(slotId)) throw refusal(slotId, place, 'asked for twice');
    seen.add(slotId);
  }
}

/** Answers the Appointments that lose what they have held for too long. */
async function take(client: PoolClient, claims: readonly Claim[]): Promise<string[]> {
  const taken = await takeSlots(client, claims);
  const missed = claims.filter(({ slotId }) => !taken.has(slotId));
  if (missed.length === 0) return [];
  const lost = await takeExpired(client, missed);
  const refused = missed.find(({ slotId }) => !lost.has(slotId));
  if (refused) throw refusal(refused.slotId, refused.place);
  return [...new Set(lost.values())];
}

interface Changes {
  readonly claims: readonly Claim[];
  readonly fresh: readonly Claim[];
  readonly released: readonly Occupancy[];
}

/** A Slot that is not on this server, or was deleted, has no status to follow. */
async function slotWrites(
  { registry, tables }: SchedulingContext,
  client: PoolClient,
  { claims, fresh, released }: Changes,
): Promise<PlannedWrite[]> {
  const wanted = new Map<string, Slot['status']>(released.map(({ slotId }) => [slotId, 'free']));
  for (const { slotId, slotStatus } of claims) wanted.set(slotId, slotStatus);
  if (wanted.size === 0 || !(await tables.exists('Slot'))) return [];
  const locked = await lockVersions(client, registry, 'Slot', [...wanted.keys()], ALL, { withContent: true });
  const takenNow = new Map(fresh.map((claim) => [claim.slotId, claim]));
  return [...locked.values()].flatMap(({ id, deleted, content }): PlannedWrite[] => {
    if (deleted || content === undefined) return [];
    const slot = JSON.parse(content) as Slot;
    const { status } = slot;
    const claim = takenNow.get(id);
    const isClosed = status === 'busy-unavailable' || status === 'entered-in-error';
    if (isClosed && claim) throw refusal(id, claim.place, status);
    const next = wanted.get(id)!;
    if (isClosed || status === next) return [];
    return [{ interaction: 'update', resourceType: 'Slot', id, resource: { ...slot, status: next } }];
  });
}
