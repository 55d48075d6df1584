/** How often what is shared served. */
import { Counter, type Registry } from '../platform/metrics.ts';

/** Rights of access tokens, keys of clients, logos of apps. */
export type CacheName = 'token' | 'keys' | 'logo';

/** `away`: Redis did not answer, or what it has may not be used just now. */
export type ReadOutcome = 'hit' | 'miss' | 'away';

export type CountRead = (name: CacheName, outcome: ReadOutcome) => void;

export function createCacheReads(registry: Registry): CountRead {
  const reads = new Counter({
    name: 'fhir_redis_reads_total',
    help: 'Looks into what processes share in Redis (token, keys, logo): hit, miss, or away where Redis did not answer or could not be used',
    labelNames: ['cache', 'outcome'] as const,
    registers: [registry],
  });
  return (cache, outcome) => reads.inc({ cache, outcome });
}
