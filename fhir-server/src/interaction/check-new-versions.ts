/** Rights to the state after a write: what is written must be what the caller may write. */
import type { Queryable } from '../db/index.ts';
import type { FhirError } from '../fhir/outcome.ts';
import { type Candidate, type Expression, isLocal, matches } from '../search/index.ts';
import { decideCandidates, type NewVersion } from '../storage/index.ts';
import { outsideRights, type PlannedVersion } from './plan-version.ts';
import type { Server } from './server.ts';

export interface RightToWrite {
  readonly planned: PlannedVersion;
  /** Of the interaction, from `permit`. */
  readonly filter: Expression;
}

/**
 * What is refused, with why. All of one transaction, or of one part of it, are decided together: a Patient that is written
 * in it counts for what belongs to him.
 */
export async function refusedVersions(
  { registry }: Pick<Server, 'registry'>,
  db: Queryable,
  writes: readonly RightToWrite[],
): Promise<Map<PlannedVersion, FhirError>> {
  const refused = new Map<PlannedVersion, FhirError>();
  const remote: RightToWrite[] = [];
  const refuse = ({ planned }: RightToWrite): unknown => refused.set(planned, outsideRights(planned.write));
  for (const write of writes) {
    const { planned, filter } = write;
    if (planned.stored.interaction === 'delete') continue;
    if (!isLocal(filter)) remote.push(write);
    else if (!matches(filter, toCandidate(planned.stored))) refuse(write);
  }
  if (remote.length === 0) return refused;
  const written = writes.flatMap(({ planned: { stored } }) =>
    stored.resourceType === 'Patient' && stored.interaction !== 'delete' ? [toCandidate(stored)] : [],
  );
  for (const of of Map.groupBy(remote, (write) => write.filter).values()) {
    const { resourceType } = of[0]!.planned.stored;
    const candidates = of.map(({ planned }) => toCandidate(planned.stored));
    const decided = await decideCandidates(
      { db, registry, written },
      resourceType,
      of[0]!.filter,
      candidates,
    );
    of.filter((_, i) => decided[i] !== true).forEach(refuse);
  }
  return refused;
}

const toCandidate = ({ id, lastUpdated, index }: NewVersion): Candidate => ({ id, lastUpdated, index });
