/** All that can be said of a resource: errors, and what a writer should know besides. https://hl7.org/fhir/R4/validation.html */
import type { OperationOutcomeIssue, Resource } from '@medplum/fhirtypes';
import { FhirError, issue } from '../fhir/outcome.ts';
import { bindingText, type OpenBinding, SEVERITY, validate } from '../validate/index.ts';
import type { ReturnPreference } from './answer.ts';
import { claimsOf, type ProfileOptions, profileIssues } from './check-profiles.ts';
import { judgeBinding } from './judge-binding.ts';
import type { Server } from './server.ts';

const ISSUES_MAX = 100;

/** Issues of all severities, at most a hundred. */
export async function examine(
  server: Server,
  resource: unknown,
  options: ProfileOptions = {},
): Promise<OperationOutcomeIssue[]> {
  const { issues, open } = validate(resource, { extensions: (url) => server.profiles.extension(url) });
  if (issues.length < ISSUES_MAX) issues.push(...ruleIssues(server, resource, issues));
  for (const binding of open) {
    if (issues.length >= ISSUES_MAX) break;
    const found = await judge(server, binding);
    if (found !== undefined) issues.push(found);
  }
  issues.push(...(await claimIssues(server, resource, options)));
  return issues.slice(0, ISSUES_MAX);
}

/** Where a write is not refused for them, what does not conform to a claimed profile is a warning. */
async function claimIssues(
  server: Server,
  resource: unknown,
  options: ProfileOptions,
): Promise<OperationOutcomeIssue[]> {
  const mode = server.config.profileValidation;
  if (mode === 'off') return [];
  const issues = await profileIssues(server, resource, claimsOf(resource), options);
  if (mode === 'enforce') return issues;
  return issues.map((i) => (i.severity === 'error' ? { ...i, severity: 'warning' } : i));
}

/** What the resource's type demands of its writes besides. */
function ruleIssues(
  server: Server,
  resource: unknown,
  before: readonly OperationOutcomeIssue[],
): readonly OperationOutcomeIssue[] {
  if (before.some(({ severity }) => severity === 'error' || severity === 'fatal')) return [];
  try {
    server.writeRules[(resource as Resource).resourceType]?.check?.(resource as Resource);
    return [];
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    return error.outcome.issue;
  }
}

async function judge(server: Server, open: OpenBinding): Promise<OperationOutcomeIssue | undefined> {
  const { strength, valueSet, expression } = open;
  const verdict = await judgeBinding(server, open);
  if (verdict === 'member') return undefined;
  if (verdict === 'not-member')
    return issue('code-invalid', bindingText(strength, valueSet), expression, SEVERITY[strength]);
  const text = `Whether the code is of ${valueSet} cannot be told: the value set, or what it is made of, is not known here`;
  return issue('not-found', text, expression, 'information');
}

const NOTHING: readonly OperationOutcomeIssue[] = [];

/** What does not keep a resource from being written, for clients that prefer an OperationOutcome of their writes. */
export async function adviceFor(
  server: Server,
  resource: Resource,
  preference: ReturnPreference,
): Promise<readonly OperationOutcomeIssue[]> {
  if (preference !== 'OperationOutcome') return NOTHING;
  const issues = await examine(server, resource);
  return issues.filter(({ severity }) => severity === 'warning' || severity === 'information');
}
