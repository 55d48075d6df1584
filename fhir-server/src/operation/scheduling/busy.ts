/** When people and devices are taken. That of staff counts whoever asks, that of patients as far as he sees their Appointments. */
import type { Appointment } from '@medplum/fhirtypes';
import { parseScope, type Principal } from '../../access/index.ts';
import { permitted, type Request } from '../../interaction/index.ts';
import { expiredAmong } from '../../scheduling/index.ts';
import { searchAll } from './search-all.ts';

/** An Appointment that began longer ago is over. */
const LONGEST_MS = 86_400_000;
const APPOINTMENTS_MAX = 10_000;

/** Of these each is in one place at a time. Several visits may go on in a place, or under one service. */
const ALONE = /^(Practitioner|PractitionerRole|Patient|RelatedPerson|Device)\//;

export const isAlone = (actor: string): boolean => ALONE.test(actor);

/** Whose time is a part of their record. */
const OF_RECORD = /^(Patient|RelatedPerson)\//;

/** For the times of staff and for limits, and no more of an Appointment. */
export const SCHEDULER: Principal = {
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
  const alone = actors.filter(isAlone);
  const staff = alone.filter((actor) => !OF_RECORD.test(actor));
  const { server, db } = request;
  const busy = await busyOf({ server, db, principal: SCHEDULER }, staff, from, to);
  if (permitted(request, 'search-type', 'Appointment') === undefined) return busy;
  const others = alone.filter((actor) => OF_RECORD.test(actor));
  return [...busy, ...(await busyOf(request, others, from, to))];
}

async function busyOf(
  request: Request,
  actors: readonly string[],
  from: number,
  to: number,
): Promise<Busy[]> {
  const alone = new Set(actors);
  if (alone.size === 0) return [];
  const found = await searchAll<Appointment>(
    request,
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
