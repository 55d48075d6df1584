/** The times for which a history is asked. https://hl7.org/fhir/R4/http.html#history */
import { tableName } from './search-sql/index.ts';

/** Milliseconds since the epoch, bounds included. */
export interface HistoryPeriod {
  /** Only versions written then or later. */
  readonly since?: number | undefined;
  /** Only versions that were current at some time of this range. */
  readonly at?: { readonly low: number; readonly high: number } | undefined;
}

/**
 * Of a superseded version `r`: whether it was still current after the moment, which is a bound value in ms. Versions are
 * numbered without gaps, so its successor is found by primary key, current or superseded.
 */
export function outlived(resourceType: string, moment: string): string {
  const successor = (table: string): string =>
    `not exists (select from ${table} n where n.id = r.id and n.version_id = r.version_id + 1 and n.last_updated <= ${moment})`;
  return `${successor(tableName(resourceType))} and ${successor(tableName(resourceType, '_history'))}`;
}
