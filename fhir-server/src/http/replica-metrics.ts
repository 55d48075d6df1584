/** What a process tells of the replica that it reads from. */
import type { Replica } from '../db/index.ts';
import { Counter, Gauge, type Registry } from '../platform/metrics.ts';

export function registerReplica(registry: Registry, replica: Replica): void {
  const registers = [registry];
  new Counter({
    name: 'fhir_replica_reads_total',
    help: 'Reads that may be a little old: answered by the replica, or by the primary and why (down, stale, written, paged, failed, behind)',
    labelNames: ['target', 'reason'] as const,
    registers,
    collect() {
      this.reset();
      for (const [what, count] of replica.figures.reads)
        this.inc(
          what === 'replica' ? { target: what, reason: '' } : { target: 'primary', reason: what },
          count,
        );
    },
  });
  new Gauge({
    name: 'fhir_replica_lag_seconds',
    help: 'At most so much of what was committed lately is missing on the replica; +Inf while that is not known',
    registers,
    collect() {
      this.set(replica.figures.lagMs / 1_000);
    },
  });
}
