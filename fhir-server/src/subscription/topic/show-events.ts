/** What somebody may see of events: each focus by its own version, each included resource as it is now. */
import { disclose, findIncludes, type Request } from '../../interaction/index.ts';
import { createDiscloseTo } from '../may-read.ts';
import { loadVersions, type ResourceVersion } from '../resource-version.ts';
import type { CompiledTopic } from './compile-topic.ts';
import type { TopicEvent } from './event-store.ts';
import type { PayloadContent } from './backport.ts';
import type { ShownEvent } from './notification.ts';
import { createRoom } from './room.ts';

/** Events of which the resources are held at once, before it is known which of them there is room for. */
const TOGETHER = 10;

export interface Showing {
  /** By which others are included. */
  readonly topic: CompiledTopic | undefined;
  readonly content: PayloadContent;
}

export interface Shown {
  readonly events: readonly ShownEvent[];
  /** From the first for which there is no room in this notification; for the next one. */
  readonly rest: readonly TopicEvent[];
}

/**
 * As many as one notification has room for. Those that the principal of the request may not read now are left out, as are
 * versions that are there no more.
 */
export async function showEvents(
  request: Request,
  { topic, content }: Showing,
  events: readonly TopicEvent[],
): Promise<Shown> {
  const fit = createRoom(request.server.config.subscription.notificationBytesMax, content);
  const shown: ShownEvent[] = [];
  for (let from = 0; from < events.length; from += TOGETHER) {
    for (const found of await readEvents(request, topic, events.slice(from, from + TOGETHER))) {
      const fitting = fit(found);
      if (fitting === undefined) return { events: shown, rest: events.slice(events.indexOf(found.event)) };
      shown.push(fitting);
      const { event, included } = fitting;
      request.trail?.disclosed.push(`${event.resourceType}/${event.resourceId}`);
      request.trail?.disclosed.push(...included.map(({ resourceType, id }) => `${resourceType}/${id}`));
    }
  }
  return { events: shown, rest: [] };
}

/** The number with which the next notification goes on, less one; undefined where there were no events. */
export const lastTaken = (events: readonly TopicEvent[], rest: Shown['rest']): number | undefined =>
  rest[0] === undefined ? events.at(-1)?.number : rest[0].number - 1;

async function readEvents(
  request: Request,
  topic: CompiledTopic | undefined,
  events: readonly TopicEvent[],
): Promise<readonly ShownEvent[]> {
  const versions = await loadFocuses(request, events);
  const { registry, config } = request.server;
  const discloseTo = createDiscloseTo(request.db, { registry, baseUrl: config.fhirBase });
  const contents = new Map<ResourceVersion, string>();
  for (const [type, ofType] of Map.groupBy(events, (e) => e.resourceType)) {
    const focuses = [...new Set(ofType.flatMap((event) => versions.get(focusOf(event)) ?? []))];
    for (const found of await discloseTo(request.principal, type, focuses)) contents.set(...found);
  }
  const shown = await Promise.all(
    events.map(async (event): Promise<ShownEvent[]> => {
      const version = versions.get(focusOf(event));
      const content = version && contents.get(version);
      if (version === undefined || content === undefined) return [];
      if (event.interaction === 'delete')
        return [{ event, writtenAt: event.recordedAt.getTime(), content: undefined, included: [] }];
      return [
        {
          event,
          writtenAt: version.lastUpdated,
          content,
          included: await includedWith(request, topic, event, content),
        },
      ];
    }),
  );
  return shown.flat();
}

/** Of a deletion the version before it. */
const focusOf = ({ resourceType, resourceId, versionId, interaction }: TopicEvent): string =>
  `${resourceType}/${resourceId}/${interaction === 'delete' ? versionId - 1 : versionId}`;

async function loadFocuses(
  { server }: Request,
  events: readonly TopicEvent[],
): Promise<ReadonlyMap<string, ResourceVersion>> {
  const all = await Promise.all(
    [...Map.groupBy(events, (e) => e.resourceType)].map(async ([type, ofType]) => {
      const names = [...new Set(ofType.map(focusOf))].map((name) => name.split('/'));
      const wanted = names.map(([, id = '', versionId]) => ({ id, versionId: Number(versionId) }));
      const versions = await loadVersions(server.pool, type, wanted);
      return versions.map((v) => [`${type}/${v.id}/${v.versionId}`, v] as const);
    }),
  );
  return new Map(all.flat());
}

async function includedWith(
  request: Request,
  topic: CompiledTopic | undefined,
  { resourceType, resourceId }: TopicEvent,
  content: string,
): Promise<ShownEvent['included']> {
  const shape = topic?.shapes.get(resourceType);
  if (shape === undefined) return [];
  const focus = { resourceType, id: resourceId, content, mode: 'match' } as const;
  const { entries } = await findIncludes(request, [focus], shape);
  return entries.map((entry) => ({
    resourceType: entry.resourceType,
    id: entry.id,
    content: disclose(request, entry.resourceType, entry.content),
  }));
}
