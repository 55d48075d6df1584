/** What makes a bot work: a version of a resource, or a moment of its timetable. */
import type { Resource } from '@medplum/fhirtypes';

export interface ResourceEvent {
  readonly kind: 'resource';
  readonly resource: Resource;
  /** `Encounter/1` */
  readonly reference: string;
  /** `Encounter/1/_history/3`: the same for each delivery of the version. */
  readonly key: string;
}

export interface TickEvent {
  readonly kind: 'tick';
  /** The moment that the timetable names, not the one at which the work began. */
  readonly at: Date;
  /** The timetable of the trigger, for bots with several. */
  readonly cron: string;
  /** `tick/2026-11-23T08:00:00.000Z 0 8 * * *`: the same in each process. */
  readonly key: string;
}

export type BotEvent = ResourceEvent | TickEvent;

/** Undefined for a resource without an id or a version, which no server sends. */
export function resourceEvent(resource: Resource): ResourceEvent | undefined {
  const version = resource.meta?.versionId;
  if (resource.id === undefined || version === undefined) return undefined;
  const reference = `${resource.resourceType}/${resource.id}`;
  return { kind: 'resource', resource, reference, key: `${reference}/_history/${version}` };
}

export const tickEvent = (at: Date, cron: string): TickEvent => ({
  kind: 'tick',
  at,
  cron,
  key: `tick/${at.toISOString()} ${cron}`,
});
