/** Appointments that an operation is about to change: as they are, for its checks, and as the caller sees them, for what it writes. */
import type { Appointment } from '@medplum/fhirtypes';
import type { PoolClient } from '../../db/index.ts';
import {
  disclose,
  permit,
  type PlannedWrite,
  type Request,
  unknownResource,
} from '../../interaction/index.ts';
import { lockVersions } from '../../storage/index.ts';

export interface LockedAppointment {
  readonly id: string;
  readonly stored: Appointment;
  /** Without the elements that are hidden from the caller, which the write puts back. */
  readonly shown: Appointment;
}

/** Locked until the end of the transaction. Throws 404 for those that the caller may not change. */
export async function lockAppointments(
  request: Request,
  client: PoolClient,
  ids: readonly string[],
): Promise<ReadonlyMap<string, LockedAppointment>> {
  if (ids.length === 0) return new Map();
  const right = permit(request, 'update', 'Appointment');
  const { registry } = request.server;
  const locked = await lockVersions(client, registry, 'Appointment', ids, right, { withContent: true });
  return new Map(
    ids.map((id) => {
      const version = locked.get(id);
      if (version?.permitted !== true || version.deleted || version.content === undefined)
        throw unknownResource('Appointment', id);
      const stored = JSON.parse(version.content) as Appointment;
      const shown = JSON.parse(disclose(request, 'Appointment', version.content)) as Appointment;
      return [id, { id, stored, shown }];
    }),
  );
}

export const updateOf = (id: string, resource: Appointment): PlannedWrite => ({
  interaction: 'update',
  resourceType: 'Appointment',
  id,
  resource,
});
