/** Queries of this page, in memory alone: what was asked may name a patient, and a reload forgets it. */
import { useSyncExternalStore } from 'react';

export interface Query {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body: string;
}

const KEPT = 50;
let queries: readonly Query[] = [];
const listeners = new Set<() => void>();

/** The newest first, each once. */
export function keepQuery(query: Query): void {
  const isSame = (other: Query): boolean => JSON.stringify(other) === JSON.stringify(query);
  queries = [query, ...queries.filter((other) => !isSame(other))].slice(0, KEPT);
  for (const changed of listeners) changed();
}

const subscribe = (changed: () => void): (() => void) => {
  listeners.add(changed);
  return () => listeners.delete(changed);
};

export const useQueries = (): readonly Query[] => useSyncExternalStore(subscribe, () => queries);
