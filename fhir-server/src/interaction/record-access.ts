/** What the audit is told: of each write in its transaction, of everything else when it is answered or refused. */
import {
  type AuditAgent,
  type AuditRecord,
  type RestCode,
  type Touched,
  type Trail,
  writeRecords,
} from '../audit/index.ts';
import type { Principal } from '../access/index.ts';
import type { PoolClient } from '../db/index.ts';
import { FhirError } from '../fhir/outcome.ts';
import { compartmentIds } from '../search/index.ts';
import type { PlannedVersion } from './plan-version.ts';
import type { Request } from './server.ts';
import type { Target } from './target.ts';

const agentOf = ({ clientId, userId, fhirUser }: Principal, trail: Trail | undefined): AuditAgent => ({
  clientId,
  userId,
  fhirUser,
  address: trail?.address,
});

const ACTIONS = { create: 'C', update: 'U', patch: 'U', delete: 'D' } as const;

/** In the transaction of the writes. Each interaction of the request has one record. */
export async function recordWrites(
  client: PoolClient,
  writes: readonly (readonly [Request, readonly PlannedVersion[]])[],
): Promise<void> {
  const records = writes.flatMap(([request, planned]) => writeRecordsOf(request, planned));
  await writeRecords(client, records);
}

function writeRecordsOf({ principal, trail }: Request, planned: readonly PlannedVersion[]): AuditRecord[] {
  if (trail) trail.hasWritten = true;
  const byInteraction = Map.groupBy(planned, ({ write }) => write.interaction);
  return [...byInteraction].map(([interaction, versions]) => ({
    at: versions[0]!.stored.lastUpdated,
    kind: 'rest',
    code: interaction,
    action: ACTIONS[interaction],
    outcome: '0',
    agent: agentOf(principal, trail),
    requestId: trail?.requestId,
    purpose: purposeOf(principal),
    touched: versions.map(touchedBy),
  }));
}

function touchedBy({ stored }: PlannedVersion): Touched {
  const { resourceType, id, versionId, index, interaction } = stored;
  const reference = `${resourceType}/${id}/_history/${versionId}`;
  if (interaction === 'delete') return [reference];
  const { patient } = index.links;
  return [reference, patient === undefined ? compartmentIds(index, 'Patient') : [patient]];
}

const purposeOf = ({ emergency }: Principal): string | undefined =>
  emergency === undefined || emergency.length === 0 ? undefined : 'BTG';

/** What was asked for, as the audit names it. */
export interface Access {
  readonly code: RestCode;
  readonly action: AuditRecord['action'];
  /** `Patient/1` or `Patient/1/_history/2`. */
  readonly reference?: string | undefined;
  /** Path and parameters of a search. */
  readonly query?: string | undefined;
  readonly operation?: string | undefined;
}

/** Does the work, and tells the audit how it went, unless a write did so in its transaction. */
export async function audited<T>(request: Request, access: Access, work: () => Promise<T>): Promise<T> {
  const { trail } = request;
  if (trail === undefined) return work();
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await tell(request, trail, access, error);
    throw error;
  }
  if (!trail.hasWritten) {
    const told = tell(request, trail, access, undefined);
    if (told) await told;
  }
  return result;
}

function tell(request: Request, trail: Trail, access: Access, error: unknown): Promise<void> | undefined {
  const { principal, server } = request;
  const { reference, ...what } = access;
  const names = new Set(error === undefined ? trail.disclosed : []);
  if (reference !== undefined) names.add(reference);
  const status = error instanceof FhirError ? error.status : 500;
  return server.audit.note({
    at: Date.now(),
    kind: 'rest',
    ...what,
    outcome: error === undefined ? '0' : status < 500 ? '4' : '8',
    // The words of an outcome may quote what was sent.
    reason: error === undefined ? undefined : `HTTP ${status}`,
    agent: agentOf(principal, trail),
    requestId: trail.requestId,
    purpose: purposeOf(principal),
    touched: [...names].map((name): Touched => [name]),
  });
}

const METHODS: Readonly<Record<string, Pick<Access, 'code' | 'action'>>> = {
  GET: { code: 'read', action: 'R' },
  POST: { code: 'create', action: 'C' },
  PUT: { code: 'update', action: 'U' },
  PATCH: { code: 'patch', action: 'U' },
  DELETE: { code: 'delete', action: 'D' },
};

const SEARCHES = {
  search: 'search-type',
  'search-system': 'search-system',
  system: 'search-system',
} as const;

/** Names what a method does to a target. `parameters` are those of URL and form. */
export function accessOf(
  method: string,
  target: Exclude<Target, { kind: 'metadata' }>,
  parameters: readonly (readonly [string, string])[],
): Access {
  const query = (path: string): string => {
    const text = new URLSearchParams(parameters.map(([n, v]): [string, string] => [n, v])).toString();
    return text === '' ? path : `${path}?${text}`;
  };
  const byMethod = METHODS[method === 'HEAD' ? 'GET' : method] ?? METHODS['GET']!;
  switch (target.kind) {
    case 'system':
    case 'search-system':
      return { code: SEARCHES[target.kind], action: 'E', query: query('') };
    case 'search':
      return { code: 'search-type', action: 'E', query: query(target.resourceType) };
    case 'type':
      if (method === 'GET' || method === 'HEAD')
        return { code: 'search-type', action: 'E', query: query(target.resourceType) };
      return { ...byMethod, query: query(target.resourceType) };
    case 'compartment': {
      const path = `${target.resourceType}/${target.id}/${target.searched}`;
      return { code: 'search-type', action: 'E', query: query(path) };
    }
    case 'instance':
      return { ...byMethod, reference: `${target.resourceType}/${target.id}` };
    case 'version':
      return {
        code: 'vread',
        action: 'R',
        reference: `${target.resourceType}/${target.id}/_history/${target.versionId}`,
      };
    case 'history':
      return { code: 'history-instance', action: 'R', reference: `${target.resourceType}/${target.id}` };
    case 'history-type':
      return { code: 'history-type', action: 'R', query: query(`${target.resourceType}/_history`) };
    case 'history-system':
      return { code: 'history-system', action: 'R', query: query('_history') };
    case 'operation-system':
      return operation(target.operation, query(target.operation));
    case 'operation-type':
      return operation(target.operation, query(`${target.resourceType}/${target.operation}`));
    case 'operation-instance': {
      const reference = `${target.resourceType}/${target.id}`;
      return { ...operation(target.operation, query(`${reference}/${target.operation}`)), reference };
    }
  }
}

const operation = (name: string, query: string): Access => ({
  code: 'operation',
  action: 'E',
  query,
  operation: name,
});
