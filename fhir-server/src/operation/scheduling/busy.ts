/** When people and devices are taken, whoever may see why. */
import type { Appointment } from '@medplum/fhirtypes';
import { parseScope, type Principal } from '../../access/index.ts';
import type { Request } from '../../interaction/index.ts';
import { expiredAmong } from '../../scheduling/index.ts';
import { searchAll } from './search-all.ts';

/** An Appointment that began longer ago is over. */
const LONGEST_MS = 86_400_000;
const APPOINTMENTS_MAX = 10_000;

/** Of these each is in one place at a time. Several visits may go on in a place, or under one service. */
const ALONE = /^(Practitioner|PractitionerRole|Patient|RelatedPerson|Device)\//;

export const isAlone = (actor: string): boolean => ALONE.test(actor);

/** It answers times alone, and no more of an Appointment. */
const SCHEDULER: Principal = {
  kind: 'client',
  clientId: 'scheduling',
  scopes: [parseScope('system/Appointment.rs')!],
  policy: {
    name: 'scheduling',
    rules: [{ resourceType: 'Appointment', interactions: ['read', 'search-type'] }],
    clearance: ['R', 'V', 'consent'],
  },
};

export interface Busy {
  readonly actor: string;
  readonly appointmentId: string;
  /** Milliseconds since the epoch. */
  readonly start: number;
  readonly end: number;
}

/** Of those actors who can be in one place only. `from` and `to` in milliseconds since the epoch. */
export async function busyTimes(
  request: Request,
  actors: readonly string[],
  from: number,
  to: number,
): Promise<Busy[]> {
  const alone = new Set(actors.filter(isAlone));
  if (alone.size === 0) return [];
  const found = await searchAll<Appointment>(
    { server: request.server, db: request.db, principal: SCHEDULER },
    'Appointment',
    [
      ['actor', [...alone].join(',')],
      ['status', 'pending,booked,arrived,checked-in,fulfilled'],
      ['date', `lt${new Date(to).toISOString()}`],
      ['date', `gt${new Date(from - LONGEST_MS).toISOString()}`],
    ],
    APPOINTMENTS_MAX,
  );
  const pending = found.filter(({ status }) => status === 'pending').map(({ id = '' }) => id);
  const expired = await expiredAmong(request.db, pending);
  return found.flatMap(({ id = '', start = '', end = '', participant }) => {
    const [begins, ends] = [Date.parse(start), Date.parse(end)];
    if (expired.has(id) || !(begins < to && ends > from)) return [];
    return participant.flatMap(({ actor, status }) => {
      const name = actor?.reference ?? '';
      return alone.has(name) && status !== 'declined'
        ? [{ actor: name, appointmentId: id, start: begins, end: ends }]
        : [];
    });
  });
}

export const overlaps = (busy: Pick<Busy, 'start' | 'end'>, start: number, end: number): boolean =>
  busy.start < end && busy.end > start;
