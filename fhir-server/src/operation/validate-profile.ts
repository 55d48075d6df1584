/** The parameter `profile` of $validate. */
import type { OperationOutcomeIssue } from '@medplum/fhirtypes';
import { isStandardType, profileIssues, type Request } from '../interaction/index.ts';

/** The standard's own definition of a type asks for no more than every validation does. What is not known is an error here. */
export async function askedProfileIssues(
  { server }: Request,
  resource: unknown,
  profiles: readonly string[],
): Promise<OperationOutcomeIssue[]> {
  const asked = profiles.filter((canonical) => !isStandardType(canonical));
  const issues = await profileIssues(
    server,
    resource,
    asked.map((canonical) => ({ canonical, at: 'profile' })),
    { reportsMustSupport: true },
  );
  return issues.map((i) =>
    i.severity === 'warning' && i.expression?.[0] === 'profile' ? { ...i, severity: 'error' } : i,
  );
}
