/** Messages as threads: an answer belongs to what it answers, however far back that is. Pure. */
import type { Communication } from '@medplum/fhirtypes';

export interface Thread {
  /** Id of its first message that is there. */
  readonly id: string;
  readonly subject: string | undefined;
  /** The oldest first. */
  readonly messages: readonly Communication[];
}

/** What was never sent, or was a mistake, is no message. */
const UNSENT: readonly (Communication['status'] | undefined)[] = [
  'preparation',
  'not-done',
  'entered-in-error',
  'stopped',
];

export const timeOfMessage = ({ sent, received, meta }: Communication): string =>
  sent ?? received ?? meta?.lastUpdated ?? '';

const idOf = (reference: string | undefined): string | undefined =>
  /(?:^|\/)Communication\/([A-Za-z0-9.-]{1,64})(?:\/_history\/|$)/.exec(reference ?? '')?.[1];

/** What a message follows: what it answers, otherwise what it is a part of. */
const before = ({ inResponseTo, partOf }: Communication): readonly string[] =>
  [...(inResponseTo ?? []), ...(partOf ?? [])].flatMap(({ reference }) => idOf(reference) ?? []);

export const textOfMessage = ({ payload }: Communication): string =>
  payload?.flatMap(({ contentString }) => contentString ?? []).join('\n\n') ?? '';

/** Threads by their newest message; a circle of answers is one thread. */
export function threadsOf(communications: readonly Communication[]): Thread[] {
  const shown = communications.filter(({ status }) => !UNSENT.includes(status));
  const byId = new Map(shown.map((c) => [c.id ?? '', c]));
  const rootOf = (message: Communication): string => {
    const seen = new Set<string>();
    let root = message;
    for (;;) {
      seen.add(root.id ?? '');
      const earlier = before(root)
        .map((id) => byId.get(id))
        .find((c) => c !== undefined);
      if (earlier === undefined) return root.id ?? '';
      if (seen.has(earlier.id ?? '')) return [...seen].toSorted()[0] ?? '';
      root = earlier;
    }
  };
  const threads = [...Map.groupBy(shown, rootOf)].map(([id, of]): Thread => {
    const messages = of.toSorted((a, b) => timeOfMessage(a).localeCompare(timeOfMessage(b)));
    const topic = messages.map(({ topic }) => topic?.text ?? topic?.coding?.[0]?.display).find(Boolean);
    return { id, subject: topic, messages };
  });
  const newest = ({ messages }: Thread): string => timeOfMessage(messages.at(-1)!);
  return threads.toSorted((a, b) => newest(b).localeCompare(newest(a)));
}

/** Whether the patient wrote it. */
export const isOwn = ({ sender }: Communication, patientId: string): boolean =>
  sender?.reference === `Patient/${patientId}`;
