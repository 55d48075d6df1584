/** What was spent per day and account, summed over all processes through Redis while there is one. */
import type { SharedStore } from '../shared-store.ts';

export interface Spending {
  /** Adds an amount; resolves at once, sharing goes on behind. */
  add(day: string, account: string, amount: number): void;
  /** What this process knows of: as much as Redis says, or else its own part. */
  spent(day: string, account: string): Promise<number>;
}

/** Redis adds whole numbers exactly. */
const UNITS = 1_000_000;
const KEPT_MS = 3 * 24 * 3_600_000;

export function createSpending(store: SharedStore | undefined): Spending {
  /** In units: the largest shared sum that was seen, what is on its way to Redis, and what has yet to go. */
  const known = new Map<string, number>();
  const underWay = new Map<string, number>();
  const pending = new Map<string, number>();
  const value = (map: Map<string, number>, key: string): number => map.get(key) ?? 0;

  async function share(key: string): Promise<void> {
    const units = value(pending, key);
    if (store === undefined || units === 0) return;
    pending.set(key, 0);
    underWay.set(key, value(underWay, key) + units);
    const sum = await store.add(key, units, KEPT_MS);
    underWay.set(key, value(underWay, key) - units);
    // An answer that was lost on its way makes the amount count twice: rather too much than too little.
    if (sum === undefined) pending.set(key, value(pending, key) + units);
    else see(key, sum);
  }
  const see = (key: string, sum: number): void => void known.set(key, Math.max(sum, value(known, key)));

  return {
    add(day, account, amount) {
      forgetOtherDays(day, known, underWay, pending);
      const key = `spent:${day}:${account}`;
      pending.set(key, value(pending, key) + Math.ceil(amount * UNITS));
      void share(key);
    },
    async spent(day, account) {
      const key = `spent:${day}:${account}`;
      await share(key);
      const sum = await store?.number(key);
      if (sum !== undefined) see(key, sum);
      return (value(known, key) + value(underWay, key) + value(pending, key)) / UNITS;
    },
  };
}

function forgetOtherDays(day: string, ...maps: readonly Map<string, number>[]): void {
  for (const map of maps) for (const key of map.keys()) if (!key.startsWith(`spent:${day}:`)) map.delete(key);
}
