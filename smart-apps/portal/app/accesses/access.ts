/** AuditEvents of one's own record in few words: who did what, when; what happened in one go is told once. Pure. */
import type { AuditEvent } from '@medplum/fhirtypes';
import { dayIn } from '../appointments/appointment.ts';

export type Deed = 'looked' | 'searched' | 'added' | 'changed' | 'removed' | 'other';

export interface Access {
  readonly key: string;
  /** `Practitioner/1`; undefined when software did it by itself. */
  readonly user: string | undefined;
  readonly app: string | undefined;
  readonly deed: Deed;
  /** Resource types. */
  readonly types: readonly string[];
  /** Instants of the first and the last of them. */
  readonly first: string;
  readonly last: string;
  readonly isEmergency: boolean;
  /** Whether the server refused it, or failed. */
  readonly isRefused: boolean;
}

const DEEDS: Readonly<Record<string, Deed>> = {
  C: 'added',
  R: 'looked',
  U: 'changed',
  D: 'removed',
  E: 'searched',
};

/** Within this of one another, the same accesses are one. */
const TOGETHER_MS = 10 * 60_000;

function typesOf({ entity }: AuditEvent): string[] {
  const types = (entity ?? []).flatMap(({ what, role }) =>
    // The patient stands in each; he is what was looked at only when nothing else was.
    role?.code === '1' ? [] : (/(?:^|\/)([A-Z]\w+)\/[^/]+/.exec(what?.reference ?? '')?.[1] ?? []),
  );
  return [...new Set(types)];
}

function accessOf(event: AuditEvent): Access {
  const user = event.agent.find(({ who, requestor }) => requestor && who?.reference !== undefined)?.who
    ?.reference;
  const app = event.agent.find(
    ({ who, network, requestor }) => who?.reference === undefined && (network !== undefined || requestor),
  )?.who?.display;
  return {
    key: event.id ?? '',
    user,
    app,
    deed: DEEDS[event.action ?? ''] ?? 'other',
    types: typesOf(event),
    first: event.recorded,
    last: event.recorded,
    isEmergency: event.purposeOfEvent?.some((p) => p.coding?.some(({ code }) => code === 'BTG')) === true,
    isRefused: event.outcome !== undefined && event.outcome !== '0',
  };
}

/** Reading a list and reading one of it are the same to the patient. */
const sameDeed = (deed: Deed): Deed => (deed === 'searched' ? 'looked' : deed);

const likenessOf = ({ user, app, deed, isEmergency, isRefused }: Access): string =>
  JSON.stringify([user, app, sameDeed(deed), isEmergency, isRefused]);

/** @param events the newest first, as `_sort=-date` gives them */
export function accessesOf(events: readonly AuditEvent[]): Access[] {
  const open = new Map<string, number>();
  const list: Access[] = [];
  for (const event of events) {
    const access = accessOf(event);
    const likeness = likenessOf(access);
    const index = open.get(likeness);
    const later = index === undefined ? undefined : list[index];
    if (later === undefined || Date.parse(later.first) - Date.parse(access.first) > TOGETHER_MS) {
      open.set(likeness, list.length);
      list.push({ ...access, deed: sameDeed(access.deed) });
    } else {
      list[index!] = {
        ...later,
        first: access.first,
        types: [...new Set([...later.types, ...access.types])],
      };
    }
  }
  return list;
}

/** By the day of its last moment, in a time zone. */
export const accessesByDay = (list: readonly Access[], timeZone?: string): [string, Access[]][] => [
  ...Map.groupBy(list, ({ last }) => dayIn(new Date(last), timeZone)),
];
