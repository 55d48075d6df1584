/** The profiles that a resource claims in `meta.profile`, or that somebody asks for. https://hl7.org/fhir/R4/resource.html#profile */
import type { OperationOutcomeIssue, Resource } from '@medplum/fhirtypes';
import { structure } from '../fhir/definitions/index.ts';
import { FhirError, issue } from '../fhir/outcome.ts';
import { type CompiledProfile, DefinitionError } from '../validate/index.ts';
import { judgeBinding } from './judge-binding.ts';
import type { Server } from './server.ts';

const CORE = 'http://hl7.org/fhir/StructureDefinition/';

export interface AskedProfile {
  readonly canonical: string;
  /** Where it is asked for: `Patient.meta.profile[0]`. */
  readonly at: string;
}

export interface ProfileOptions {
  /** Put before the path of each issue: `Bundle.entry[3].resource`. */
  readonly place?: string | undefined;
  /** Whether must-support elements that are absent are told. */
  readonly reportsMustSupport?: boolean;
}

/** The standard's own types are no profiles: they are what every resource conforms to. */
export function claimsOf(resource: unknown, place?: string): readonly AskedProfile[] {
  const { meta, resourceType } = (resource ?? {}) as Partial<Resource>;
  const profiles: unknown = meta?.profile;
  if (!Array.isArray(profiles)) return [];
  return profiles.flatMap((canonical: unknown, i) =>
    typeof canonical === 'string' && !isStandardType(canonical)
      ? [{ canonical, at: `${place ?? resourceType}.meta.profile[${i}]` }]
      : [],
  );
}

export function isStandardType(canonical: string): boolean {
  const [url = ''] = canonical.split('|');
  return url.startsWith(CORE) && structure(url.slice(CORE.length)) !== undefined;
}

/** Refuses, with 422, what does not conform to a known profile that it claims, as PROFILE_VALIDATION says. */
export async function checkProfiles(server: Server, resource: Resource, place?: string): Promise<void> {
  if (resource.meta?.profile === undefined || server.config.profileValidation !== 'enforce') return;
  const issues = await profileIssues(server, resource, claimsOf(resource, place), { place });
  const errors = issues.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new FhirError(422, errors);
}

/** Issues of all severities; the resource must be valid otherwise. */
export async function profileIssues(
  server: Server,
  resource: unknown,
  asked: readonly AskedProfile[],
  { place, reportsMustSupport = false }: ProfileOptions = {},
): Promise<OperationOutcomeIssue[]> {
  const issues: OperationOutcomeIssue[] = [];
  for (const { canonical, at } of asked) {
    const profile = await findProfile(server, canonical, at);
    if ('severity' in profile) {
      issues.push(profile);
      continue;
    }
    const context = { reportsMustSupport, ...(place === undefined ? {} : { place }) };
    const found = profile.validate(resource, context);
    issues.push(...found.issues);
    for (const open of found.open) {
      const verdict = await judgeBinding(server, open);
      if (verdict === 'not-member') issues.push(open.issue);
      else if (verdict === 'unknown')
        issues.push(issue('not-found', `Whether the code is of ${open.valueSet} cannot be told: the value set, or what it is made of, is not known here`, open.issue.expression?.[0], 'information')); // prettier-ignore
    }
  }
  return issues;
}

/** Or why there is none. */
async function findProfile(
  server: Server,
  canonical: string,
  at: string,
): Promise<CompiledProfile | OperationOutcomeIssue> {
  const shown = canonical.slice(0, 300);
  try {
    const profile = await server.profiles.find(canonical);
    return (
      profile ??
      issue('not-found', `The profile ${shown} is not known here and was not checked`, at, 'warning')
    );
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return issue(
      'not-supported',
      `The profile ${shown} cannot be used and was not checked: ${error.message}`,
      at,
      'warning',
    );
  }
}
