/** What somebody may do, without doing it: the same decision as for a request, told to who administers. */
import {
  type AccessAnswer,
  type AccessPolicy,
  type AccessQuestion,
  decideAccess,
  type Interaction,
  type Principal,
} from '../access/index.ts';
import { FhirError } from '../fhir/outcome.ts';
import { ALL } from '../search/index.ts';
import { countMatches, readCurrent } from '../storage/index.ts';
import { permit } from './permit.ts';
import { loadCurrent } from './read.ts';
import type { Request, Server } from './server.ts';

export type CheckAccess = (principal: Principal, question: AccessQuestion) => Promise<AccessAnswer>;

/** Throws 503 when the index that a decision needs is being made. */
export function createAccessCheck(server: Server): CheckAccess {
  return async (principal, question) => {
    const { interaction, resourceType, id } = question;
    const decision = decide(server, principal, question);
    if (!decision.permitted) return { permitted: false, reason: decision.reason, scopes: [], rules: [] };
    const request = { server, principal, db: server.reader };
    const scopes = principal.scopes
      .filter((scope) => decide(server, { ...principal, scopes: [scope] }, question).permitted)
      .map(({ text }) => text);
    const rules = principal.policy.rules.filter(
      (rule) => decide(server, withRule(principal, rule), question).permitted,
    );
    const isLimited = decision.filter.kind !== 'all';
    if (id !== undefined) return ofOne(request, question, id, { scopes, rules });
    const reason = isLimited
      ? `The policy ${principal.policy.name} and the scopes permit ${interaction} of ${resourceType}, within limits.`
      : `The policy ${principal.policy.name} and the scopes permit ${interaction} of every ${resourceType}.`;
    const answer = { permitted: true, reason, scopes, rules };
    return interaction === 'search-type' ? { ...answer, total: await count(request, resourceType) } : answer;
  };
}

const decide = (
  { registry, config }: Server,
  principal: Principal,
  { interaction, resourceType }: AccessQuestion,
) => decideAccess(principal, interaction, resourceType, { registry, baseUrl: config.fhirBase });

const withRule = (principal: Principal, rule: AccessPolicy['rules'][number]): Principal => ({
  ...principal,
  policy: { ...principal.policy, rules: [rule] },
});

async function count(request: Request, resourceType: string): Promise<number> {
  const { server, db } = request;
  const filter = permit(request, 'search-type', resourceType);
  if (filter.kind === 'none' || !(await server.tables.exists(resourceType))) return 0;
  return countMatches(db, server.registry, resourceType, filter);
}

async function ofOne(
  request: Request,
  { interaction, resourceType }: AccessQuestion,
  id: string,
  by: Pick<AccessAnswer, 'scopes' | 'rules'>,
): Promise<AccessAnswer> {
  const { server, db, principal } = request;
  const what = `${resourceType}/${id}`;
  const none = { permitted: false, scopes: [], rules: [] };
  const stored = (await server.tables.exists(resourceType))
    ? await readCurrent(db, server.registry, resourceType, id, ALL)
    : undefined;
  if (stored === undefined || stored.deleted)
    return { ...none, reason: `There is no ${what}, so that nobody may.`, exists: false };
  if (!(await reaches(request, interaction, resourceType, id))) {
    const reason = `The policy ${principal.policy.name} and the scopes permit ${interaction} of some ${resourceType}, and not of this one: limits, labels or Consents leave it out.`;
    return { ...none, reason, exists: true };
  }
  const rules = [];
  for (const rule of by.rules)
    if (await reaches({ ...request, principal: withRule(principal, rule) }, interaction, resourceType, id))
      rules.push(rule);
  const reason = `The policy ${principal.policy.name} and the scopes permit ${interaction} of ${what}.`;
  return { permitted: true, reason, scopes: by.scopes, rules, exists: true };
}

/** A read goes the way of a read, by which Binaries belong to what they are of. */
async function reaches(request: Request, interaction: Interaction, resourceType: string, id: string) {
  const { server, db } = request;
  if (interaction !== 'read') {
    const filter = permit(request, interaction, resourceType);
    return (await readCurrent(db, server.registry, resourceType, id, filter)) !== undefined;
  }
  try {
    await loadCurrent(request, resourceType, id);
    return true;
  } catch (error) {
    if (error instanceof FhirError && error.status < 500) return false;
    throw error;
  }
}
