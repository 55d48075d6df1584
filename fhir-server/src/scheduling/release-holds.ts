/** Gives back, again and again, Slots whose hold is over. Any number of workers may run it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseScope, type Principal } from '../access/index.ts';
import { commitWrites, inWriteTransaction, type Request, type Server } from '../interaction/index.ts';
import type { Logger } from '../platform/logger.ts';
import { expireAppointments } from './expire-appointments.ts';
import { expiredHolders, lockExpired, releaseSlots } from './occupancy-store.ts';

const AT_ONCE = 100;

const WORKER: Principal = {
  kind: 'client',
  clientId: 'scheduling-worker',
  scopes: [parseScope('system/Appointment.ru')!],
  policy: {
    name: 'scheduling-worker',
    rules: [{ resourceType: 'Appointment', interactions: ['read', 'update'] }],
  },
};

export interface RunningRelease {
  stop(): Promise<void>;
}

/** The server must have the rule of Appointments. Faults of the database are logged and survived. */
export function startReleasingHolds(server: Server, everyMs: number, logger: Logger): RunningRelease {
  const stopping = new AbortController();
  const running = loop(server, everyMs, logger, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function loop(server: Server, everyMs: number, logger: Logger, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const released = await releaseHolds(server);
      if (released > 0) logger.info({ count: released }, 'appointments were held and not booked in time');
    } catch (error) {
      logger.warn({ err: error }, 'holds that are over not released');
    }
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

/** How many Appointments were cancelled. */
export async function releaseHolds(server: Server): Promise<number> {
  const request: Request = { server, principal: WORKER, db: server.pool };
  let count = 0;
  for (const id of await expiredHolders(server.pool, AT_ONCE)) {
    await inWriteTransaction(request, ['Appointment'], async (client) => {
      const expired = await lockExpired(client, id);
      // Booked meanwhile.
      if (expired.length === 0) return;
      const writes = await expireAppointments(server, client, [id]);
      if (writes.length > 0) await commitWrites(request, client, writes);
      // Nothing is known any more of the Appointment that had them.
      else await releaseSlots(client, expired.map(({ slotId }) => slotId)); // prettier-ignore
      count += writes.length;
    });
  }
  return count;
}
