/**
 * Which delivery is sent next: the Subscription with the fewest under way is served first, and none takes all places, so that an
 * endpoint that is slow leaves some for the others. An endpoint that fails gets few at a time until it succeeds again.
 */
import type { NewDelivery } from './delivery-store.ts';

/** A Subscription may have so many times as many deliveries under way as places are free. */
const SHARE = 3;

export interface Turns<T extends Pick<NewDelivery, 'subscriptionId'>> {
  add(deliveries: readonly T[]): void;
  /** Takes the next one and a place for it; undefined when none may go now. */
  next(): T | undefined;
  /** Gives the place back. */
  done(delivery: T, hasFailed: boolean): void;
  /** Takes out all that wait. */
  clear(): readonly T[];
  readonly waiting: number;
  /** How many of one Subscription wait. */
  waitingOf(subscriptionId: string): number;
  /** How many are under way, by Subscription. */
  underWay(): ReadonlyMap<string, number>;
}

interface Line<T> {
  waiting: T[];
  underWay: number;
  /** No more at once than this: halved by a failure, one more after each success. */
  window: number;
}

export function createTurns<T extends Pick<NewDelivery, 'subscriptionId'>>(places: number): Turns<T> {
  /** By Subscription; the one that was served last comes last. */
  const lines = new Map<string, Line<T>>();
  let waiting = 0;
  let underWay = 0;

  function choose(): string | undefined {
    const free = places - underWay;
    let chosen: string | undefined;
    let fewest = Infinity;
    for (const [id, line] of lines) {
      if (line.waiting.length === 0 || line.underWay >= Math.min(SHARE * free, line.window)) continue;
      if (line.underWay < fewest) [chosen, fewest] = [id, line.underWay];
    }
    return chosen;
  }

  return {
    add(deliveries) {
      waiting += deliveries.length;
      for (const [id, some] of Map.groupBy(deliveries, (d) => d.subscriptionId)) {
        const line = lines.get(id);
        if (line) line.waiting.push(...some);
        else lines.set(id, { waiting: [...some], underWay: 0, window: places });
      }
    },
    next() {
      const id = choose();
      if (id === undefined) return undefined;
      const line = lines.get(id)!;
      lines.delete(id);
      lines.set(id, line);
      [waiting, underWay] = [waiting - 1, underWay + 1];
      line.underWay += 1;
      return line.waiting.shift();
    },
    done({ subscriptionId }, hasFailed) {
      underWay -= 1;
      const line = lines.get(subscriptionId);
      if (line === undefined) return;
      line.underWay -= 1;
      line.window = hasFailed
        ? Math.max(1, Math.floor(Math.min(line.window, line.underWay + 1) / 2))
        : Math.min(places, line.window + 1);
      // Of those that fail it is remembered.
      if (line.waiting.length + line.underWay === 0 && line.window === places) lines.delete(subscriptionId);
    },
    clear() {
      const all = [...lines.values()].flatMap((line) => line.waiting.splice(0));
      waiting = 0;
      return all;
    },
    get waiting() {
      return waiting;
    },
    waitingOf: (subscriptionId) => lines.get(subscriptionId)?.waiting.length ?? 0,
    underWay: () => new Map([...lines].map(([id, line]) => [id, line.underWay])),
  };
}
