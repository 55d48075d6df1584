/** Principals and the evaluation of decisions, for the tests of access. */
import type { Resource } from '@medplum/fhirtypes';
import {
  decideAccess,
  type Interaction,
  parseScope,
  type Principal,
  type RoleName,
  type Scope,
  shippedPolicy,
} from '../../src/access/index.ts';
import { and, ALL, extractIndex, type Expression, matches, NONE, not, or } from '../../src/search/index.ts';
import { registry } from '../search/standard-registry.ts';

export const context = { registry, baseUrl: 'http://localhost:8103/fhir/R4' };

export const scopes = (text: string): Scope[] =>
  text.split(' ').map((one) => {
    const scope = parseScope(one);
    if (!scope) throw new Error(`${one} is no scope`);
    return scope;
  });

export const principal = (role: RoleName, scope: string, more: Partial<Principal> = {}): Principal => ({
  kind: role === 'client' ? 'client' : 'user',
  clientId: 'app',
  ...(role === 'client' ? {} : { fhirUser: role === 'patient' ? 'Patient/a' : `Practitioner/${role}` }),
  ...(role === 'client' || role === 'patient' ? {} : { organization: 'Organization/o' }),
  scopes: scopes(scope),
  policy: shippedPolicy(role),
  ...more,
});

/** As it is for a Patient to whom the professional is related, and who has denied nothing by a Consent. */
function ofRelated(filter: Expression): Expression {
  if (filter.kind === 'and') return and(...filter.of.map(ofRelated));
  if (filter.kind === 'or') return or(...filter.of.map(ofRelated));
  if (filter.kind === 'not') return not(ofRelated(filter.of));
  return filter.kind === 'ofPatient' || filter.kind === 'has'
    ? ALL
    : filter.kind === 'dissent'
      ? NONE
      : filter;
}

/** Whether the principal may do it with this very resource. */
export function may(who: Principal, interaction: Interaction, resource: object): boolean {
  const { resourceType, id = 'x' } = resource as Resource;
  const decision = decideAccess(who, interaction, resourceType, context);
  const index = extractIndex({ id, ...resource } as Resource, context);
  return decision.permitted && matches(ofRelated(decision.filter), { id, lastUpdated: 0, index });
}
