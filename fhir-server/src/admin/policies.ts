/** AccessPolicy documents: what each role may do. They are checked when they are saved. */
import { policyFaults, SHIPPED_POLICIES, type AccessPolicy } from '../access/index.ts';
import { withTransaction, type Queryable } from '../db/index.ts';
import { conflict, FhirError, forbidden, issue, notFound, preconditionFailed } from '../fhir/outcome.ts';
import type { Administrator } from './administrator.ts';
import { keepingOne } from './administrators.ts';
import type { AdminContext } from './context.ts';
import { checkMatch } from './entity-tag.ts';
import { recordChange } from './record-change.ts';

/** Of backend services, which have no role. */
const OF_SERVICES = 'client';
const isShipped = (name: string): boolean => SHIPPED_POLICIES.some((policy) => policy.name === name);

export async function listPolicies({ pool }: AdminContext): Promise<AccessPolicy[]> {
  const { rows } = await pool.query<{ document: AccessPolicy }>(
    'select document from auth.access_policy order by name',
  );
  return rows.map(({ document }) => document);
}

async function find(db: Queryable, name: string, forUpdate = false): Promise<AccessPolicy | undefined> {
  const { rows } = await db.query<{ document: AccessPolicy }>(
    `select document from auth.access_policy where name = $1 ${forUpdate ? 'for update' : ''}`,
    [name.replaceAll('\0', '')],
  );
  return rows[0]?.document;
}

/** Throws FhirError 404. */
export async function loadPolicy(db: Queryable, name: string): Promise<AccessPolicy> {
  const policy = await find(db, name);
  if (policy === undefined) throw notFound('There is no such policy');
  return policy;
}

export interface Preconditions {
  readonly ifMatch?: string | undefined;
  /** `*`: only if there is none yet. */
  readonly ifNoneMatch?: string | undefined;
}

/**
 * Creates or replaces. Throws FhirError 400 with all faults and their places, 403 for the policy that one's own rights rest
 * on, 409 when nobody could administer any more, 412 and 428.
 */
export async function putPolicy(
  { pool, criteria }: AdminContext,
  by: Administrator,
  name: string,
  body: unknown,
  { ifMatch, ifNoneMatch }: Preconditions,
): Promise<{ readonly policy: AccessPolicy; readonly isNew: boolean }> {
  const policy = checkDocument(body, name, criteria);
  if (by.own.policy === name) throw forbidden('Nobody changes the policy of his own role.');
  return withTransaction(pool, (client) =>
    keepingOne(client, async () => {
      const before = await find(client, name, true);
      if (before !== undefined && ifNoneMatch?.trim() === '*')
        throw preconditionFailed('There is a policy of this name', 'http.If-None-Match');
      if (before !== undefined) checkMatch(ifMatch, before);
      else if (ifMatch !== undefined)
        throw preconditionFailed('There is no policy of this name', 'http.If-Match');
      if (policy.administration === true && before?.administration !== true && !by.mayAppoint)
        throw forbidden('Administration is given by a user who administers.');
      const { rowCount } = await client.query(
        before === undefined
          ? 'insert into auth.access_policy (name, document, changed) values ($1, $2, true) on conflict (name) do nothing'
          : 'update auth.access_policy set document = $2, changed = true where name = $1',
        [name, JSON.stringify(policy)],
      );
      if (rowCount === 0) throw conflict('Somebody else has just made a policy of this name');
      const action = before === undefined ? 'C' : 'U';
      await recordChange(client, by, { code: 'policy-change', action, what: `policy ${name}` });
      return { policy, isNew: before === undefined };
    }),
  );
}

function checkDocument(body: unknown, name: string, criteria: AdminContext['criteria']): AccessPolicy {
  const faults = policyFaults(body, criteria).slice(0, 100);
  if (faults.length > 0)
    throw new FhirError(
      400,
      faults.map(({ expression, text }) => issue('invalid', `${expression}: ${text}`, expression)),
    );
  const policy = body as AccessPolicy;
  if (policy.name !== name)
    throw new FhirError(400, [issue('invalid', 'name must be that of the address', 'name')]);
  return policy;
}

/** Throws FhirError 403, 404, 409 for one that is in use or comes with the server, 412 and 428. */
export async function deletePolicy(
  { pool }: AdminContext,
  by: Administrator,
  name: string,
  ifMatch: string | undefined,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    const policy = await find(client, name, true);
    if (policy === undefined) throw notFound('There is no such policy');
    checkMatch(ifMatch, policy);
    if (by.own.policy === name) throw forbidden('Nobody removes the policy of his own role.');
    if (name === OF_SERVICES || isShipped(name))
      throw conflict('This policy comes with the server; it can be changed');
    const { rowCount } = await client.query('select from auth.users where role = $1 limit 1', [name]);
    if (rowCount !== 0) throw conflict('Users have this policy');
    await client.query('delete from auth.access_policy where name = $1', [name]);
    await recordChange(client, by, { code: 'policy-change', action: 'D', what: `policy ${name}` });
  });
}
