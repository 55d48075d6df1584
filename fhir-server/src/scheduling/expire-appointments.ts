/** An Appointment that was held, and that nobody has confirmed in time, is cancelled. */
import type { Appointment } from '@medplum/fhirtypes';
import type { PoolClient } from '../db/index.ts';
import type { PlannedWrite } from '../interaction/index.ts';
import { ALL, type SearchParameterRegistry } from '../search/index.ts';
import { lockVersions } from '../storage/index.ts';
import { cancelationReason } from './cancelation-reason.ts';

/** The writes that cancel those of them that are still pending. */
export async function expireAppointments(
  { registry }: { readonly registry: SearchParameterRegistry },
  client: PoolClient,
  ids: readonly string[],
): Promise<PlannedWrite[]> {
  if (ids.length === 0) return [];
  const locked = await lockVersions(client, registry, 'Appointment', ids, ALL, { withContent: true });
  return [...locked.values()].flatMap(({ id, deleted, content }): PlannedWrite[] => {
    if (deleted || content === undefined) return [];
    const appointment = JSON.parse(content) as Appointment;
    if (appointment.status !== 'pending') return [];
    const resource: Appointment = {
      ...appointment,
      status: 'cancelled',
      cancelationReason: cancelationReason('hold-expired'),
    };
    return [{ interaction: 'update', resourceType: 'Appointment', id, resource }];
  });
}
