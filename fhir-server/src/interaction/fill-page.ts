/** Reads on until enough versions are visible to the caller, within a bound per request. */
import type { StoredVersion } from '../storage/index.ts';

/** So many versions at most are looked at in one request of a caller with restricted rights: some tenths of a second. */
const DECISIONS_MAX = 1_000;
/** Between two reads other requests get their turn. */
const DECISIONS_PER_READ = 100;

export interface Filled<P, V> {
  readonly visible: readonly V[];
  /** The position behind which to go on; undefined at the end. It may be of a version that the caller must not learn of. */
  readonly last: P | undefined;
}

/**
 * At most `wanted` versions. Looks for one more, so that what is left but invisible to the caller does not show as a
 * further page. Only where the bound is reached does `last` promise more than there may be.
 */
export async function fillPage<P, V extends P & StoredVersion>(
  wanted: number,
  start: P | undefined,
  read: (after: P | undefined, limit: number) => Promise<readonly V[]>,
  areVisible: ((versions: readonly V[]) => Promise<readonly boolean[]>) | 'all',
): Promise<Filled<P, V>> {
  const limit = areVisible === 'all' ? wanted + 1 : DECISIONS_PER_READ;
  const visible: V[] = [];
  let last = start;
  for (let decided = 0; decided < DECISIONS_MAX; decided += limit) {
    const versions = await read(last, limit);
    const shown = areVisible === 'all' ? undefined : await areVisible(versions);
    for (const [i, version] of versions.entries()) {
      if (shown?.[i] === false) continue;
      if (visible.length === wanted) return { visible, last: visible.at(-1) };
      visible.push(version);
    }
    if (versions.length < limit) return { visible, last: undefined };
    last = versions.at(-1);
  }
  return { visible, last };
}
