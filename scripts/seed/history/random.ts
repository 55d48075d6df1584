/** Numbers that look drawn and are the same on every call and machine. */

export interface Random {
  /** From `min` to `max`, both included, rounded to that many decimals. */
  between(min: number, max: number, decimals?: number): number;
  pick<T>(items: readonly [T, ...T[]]): T;
  /** True in that share of calls, from 0 to 1. */
  chance(share: number): boolean;
}

/** FNV-1a: the seed's text as 32 bits. */
function hash(text: string): number {
  let bits = 0x811c9dc5;
  for (const character of text) bits = Math.imul(bits ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return bits >>> 0;
}

export const round = (value: number, decimals = 0): number => Number(value.toFixed(decimals));

/** A sequence of its own for each seed, by mulberry32: integer arithmetic, which no machine does differently. */
export function createRandom(seed: string): Random {
  let state = hash(seed);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    between: (min, max, decimals = 0) => {
      const step = 10 ** decimals;
      const steps = Math.round((max - min) * step);
      return round(min + Math.floor(next() * (steps + 1)) / step, decimals);
    },
    pick: (items) => items[Math.floor(next() * items.length)] ?? items[0],
    chance: (share) => next() < share,
  };
}
