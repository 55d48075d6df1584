/** The CodeSystem resource that stands for a code system in tables: all but its concepts. https://hl7.org/fhir/R4/codesystem.html */
import { hash } from 'node:crypto';
import type { CodeSystem } from '@medplum/fhirtypes';
import type { LoadPlan } from './loader.ts';

/** The same id at each load of the version. */
export function codeSystemResource(plan: LoadPlan, count: number): CodeSystem & { readonly id: string } {
  const { content: _content, ...system } = plan.system;
  return {
    resourceType: 'CodeSystem',
    id: `loaded-${hash('sha256', `${system.url}|${system.version}`, 'hex').slice(0, 40)}`,
    ...system,
    ...plan.about,
    status: 'active',
    // The concepts are not in the resource.
    content: 'not-present',
    count,
  };
}
