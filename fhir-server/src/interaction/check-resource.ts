/** What a resource must be before it may be written: of the right type, valid, and as its type's rule demands. */
import type { OperationOutcomeIssue, Resource } from '@medplum/fhirtypes';
import { badRequest, FhirError } from '../fhir/outcome.ts';
import { validateResource } from '../validate/index.ts';
import type { Server } from './server.ts';

/** `place` is put before the path of each issue: `Bundle.entry[3].resource`. */
export function checkResource(
  server: Server,
  value: unknown,
  resourceType: string,
  place?: string,
): Resource {
  const found = (value as { resourceType?: unknown } | null)?.resourceType;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badRequest(`A ${resourceType} as a JSON object is expected`, place ?? resourceType);
  if (found !== resourceType) {
    const said = typeof found === 'string' ? `it says ${found.slice(0, 64)}` : 'it has none';
    throw badRequest(
      `The resourceType must be ${resourceType}, and ${said}`,
      `${place ?? resourceType}.resourceType`,
    );
  }
  const issues = validateResource(value, (url) => server.profiles.extension(url));
  if (issues.length > 0)
    throw new FhirError(400, place === undefined ? issues : issues.map((i) => moved(i, place)));
  const rule = server.writeRules[resourceType];
  return rule?.check ? rule.check(value as Resource) : (value as Resource);
}

/** `Patient.name[0]` becomes `Bundle.entry[3].resource.name[0]`. */
function moved(found: OperationOutcomeIssue, place: string): OperationOutcomeIssue {
  if (found.expression === undefined) return { ...found, expression: [place] };
  return { ...found, expression: found.expression.map((e) => e.replace(/^[A-Za-z]+/, place)) };
}
