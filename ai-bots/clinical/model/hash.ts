/** Features by hash: a model holds no words of what it was trained on. FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */

/** Buckets below 2^bits, each once, in ascending order. */
export function hashed(names: Iterable<string>, bits: number): number[] {
  const buckets = new Set<number>();
  for (const name of names) buckets.add(bucket(name, bits));
  return [...buckets].sort((a, b) => a - b);
}

function bucket(name: string, bits: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  // The low bits of FNV mix worst: fold the high ones in.
  return ((hash ^ (hash >>> 15)) >>> 0) & ((1 << bits) - 1);
}
