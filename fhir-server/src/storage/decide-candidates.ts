/**
 * A right decided on resources at hand, whose content need not be what is stored: new versions, superseded ones, those that
 * would be sent. The same answer as SQL gives for what is stored (search-sql/relation.ts).
 */
import { isDenied, type PatientConsent } from '../access/index.ts';
import { isDistributed, type Queryable } from '../db/index.ts';
import {
  type Candidate,
  compartmentIds,
  type Expression,
  isLocal,
  matches,
  type SearchParameterRegistry,
} from '../search/index.ts';
import { labelHashes, loadConsents } from './consent-rules.ts';
import { belongingOf, compileExpression, tableName } from './search-sql/index.ts';

export interface Decider {
  readonly db: Queryable;
  readonly registry: SearchParameterRegistry;
  /** Patients that are about to be written in the same transaction: they count as stored. */
  readonly written?: readonly Candidate[];
}

/** For each candidate of the type whether it passes. The tables that the filter asks must exist. */
export async function decideCandidates(
  decider: Decider,
  resourceType: string,
  filter: Expression,
  candidates: readonly Candidate[],
): Promise<boolean[]> {
  if (isLocal(filter)) return candidates.map((candidate) => matches(filter, candidate));
  const facts = await gatherFacts(decider, resourceType, filter, candidates);
  return candidates.map((candidate) => passes(filter, candidate, facts));
}

interface Facts {
  readonly resourceType: string;
  readonly patientsOf: (candidate: Candidate) => readonly string[];
  /** Patients for whom an expression holds that is asked of the database. */
  readonly found: ReadonlyMap<Expression, ReadonlySet<string>>;
  readonly consents: readonly PatientConsent[];
  readonly now: number;
}

async function gatherFacts(
  decider: Decider,
  resourceType: string,
  filter: Expression,
  candidates: readonly Candidate[],
): Promise<Facts> {
  const { db, registry } = decider;
  const belonging = belongingOf({ resourceType, registry });
  const patientsOf = ({ id, index }: Candidate): readonly string[] => {
    if (belonging === 'self') return [id];
    const { patient } = index.links;
    return belonging === 'compartment'
      ? compartmentIds(index, 'Patient')
      : patient === undefined
        ? []
        : [patient];
  };
  const patients = [...new Set(candidates.flatMap(patientsOf))];
  const remote = remoteParts(filter, belonging === 'self');
  const found = new Map<Expression, ReadonlySet<string>>();
  for (const part of remote)
    if (part.kind === 'ofPatient') found.set(part, await passingPatients(decider, part.of, patients));
    else if (part.kind === 'has' && belonging === 'self')
      found.set(part, await storedPatients(decider, part, patients));
  const isBound = remote.some((part) => part.kind === 'dissent');
  const consents = isBound ? await loadConsents(db, patients) : [];
  return { resourceType, patientsOf, found, consents, now: Date.now() };
}

/** What cannot be decided on one resource alone, at whatever depth. */
function remoteParts(filter: Expression, isPatient: boolean): Expression[] {
  if (isLocal(filter)) return [];
  if (filter.kind === 'and' || filter.kind === 'or')
    return filter.of.flatMap((e) => remoteParts(e, isPatient));
  const isOuter = filter.kind === 'not' || (filter.kind === 'ofPatient' && isPatient);
  return isOuter ? remoteParts(filter.of, isPatient) : [filter];
}

function passes(filter: Expression, candidate: Candidate, facts: Facts): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.of.every((e) => passes(e, candidate, facts));
    case 'or':
      return filter.of.some((e) => passes(e, candidate, facts));
    case 'not':
      return !passes(filter.of, candidate, facts);
    case 'ofPatient':
      // A Patient belongs to himself, as he is to be.
      if (facts.resourceType === 'Patient') return passes(filter.of, candidate, facts);
      return isFound(filter, candidate, facts);
    case 'has':
      return isFound(filter, candidate, facts);
    case 'dissent': {
      const { resourceType, now } = facts;
      const asked = { resourceType, id: candidate.id, keys: labelHashes(candidate.index.keys) };
      const his = facts.patientsOf(candidate);
      return facts.consents.some((c) => his.includes(c.patient) && isDenied(c.rules, filter.to, asked, now));
    }
    default:
      return matches(filter, candidate);
  }
}

function isFound(filter: Expression, candidate: Candidate, { found, patientsOf }: Facts): boolean {
  const patients = found.get(filter);
  if (patients === undefined) throw new RangeError(`${filter.kind} cannot be decided on resources at hand`);
  return patientsOf(candidate).some((id) => patients.has(id));
}

/** Those that match as they are stored, or as they are about to be. */
async function passingPatients(
  decider: Decider,
  of: Expression,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const written = (decider.written ?? []).filter(({ id }) => ids.includes(id));
  const isNew = await decideCandidates({ ...decider, written: [] }, 'Patient', of, written);
  const stored = await storedPatients(decider, of, ids);
  return new Set([...stored, ...written.flatMap(({ id }, i) => (isNew[i] === true ? [id] : []))]);
}

async function storedPatients(
  { db, registry }: Decider,
  of: Expression,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const values: unknown[] = [ids];
  const condition = compileExpression(of, {
    resourceType: 'Patient',
    registry,
    alias: 'r',
    values,
    isDistributed: isDistributed(db),
    rows: { alias: 'r', among: (id) => `${id} = any($1::text[])` },
  });
  const { rows } = await db.query<{ id: string }>(
    `select r.id from ${tableName('Patient')} r where r.id = any($1::text[]) and not r.deleted and ${condition}`,
    values,
  );
  return new Set(rows.map(({ id }) => id));
}
