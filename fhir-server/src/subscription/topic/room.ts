/** How much one notification takes, in bytes. */
import type { PayloadContent } from './backport.ts';
import type { Included, ShownEvent } from './notification.ts';

/** About what an event, or the name of a resource in status and Bundle, takes beside contents. */
const NAME_BYTES = 400;

/**
 * Answers an event as there is room for it after those before, and undefined where it is for the next notification. The first
 * one is never: of it what is too large is named alone, the resources of its topic's shape after its own.
 * @param bytesMax of all events; names of the first event's resources may exceed it
 */
export function createRoom(
  bytesMax: number,
  content: PayloadContent,
): (shown: ShownEvent) => ShownEvent | undefined {
  const bytesOf = (text: string | undefined): number =>
    content === 'full-resource' && text !== undefined ? Buffer.byteLength(text) : 0;
  /** The Bundle has each included resource once. */
  const written = new Set<string>();
  let left = bytesMax;
  let isFirst = true;
  return (shown) => {
    const fresh = shown.included.filter((resource) => !written.has(nameOf(resource)));
    const names = NAME_BYTES * (1 + shown.included.length);
    const bytes = fresh.reduce((sum, resource) => sum + bytesOf(resource.content), bytesOf(shown.content));
    if (!isFirst && names + bytes > left) return undefined;
    isFirst = false;
    left -= names;
    for (const resource of fresh) written.add(nameOf(resource));
    const fitting = (text: string | undefined): string | undefined => {
      if (bytesOf(text) > left) return undefined;
      left -= bytesOf(text);
      return text;
    };
    return {
      ...shown,
      content: fitting(shown.content),
      included: shown.included.map((resource) =>
        fresh.includes(resource) ? { ...resource, content: fitting(resource.content) } : resource,
      ),
    };
  };
}

const nameOf = ({ resourceType, id }: Included): string => `${resourceType}/${id}`;
