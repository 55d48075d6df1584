/** What the server says it can do (https://hl7.org/fhir/R4/capabilitystatement.html). */
import type { CapabilityStatement } from '@medplum/fhirtypes';
import type { SearchParameter } from '../pure/search-text.ts';
import { useDocument, type Document } from './console-api.ts';

export const useCapabilities = (): Document<CapabilityStatement> =>
  useDocument<CapabilityStatement>('metadata');

export const typesOf = (statement: CapabilityStatement | undefined): string[] =>
  (statement?.rest?.[0]?.resource ?? []).flatMap(({ type }) => type ?? []);

/** Of one type, with those of all types. */
export function parametersOf(statement: CapabilityStatement | undefined, type: string): SearchParameter[] {
  const resource = statement?.rest?.[0]?.resource?.find((r) => r.type === type);
  return (resource?.searchParam ?? []).map(({ name = '', type: kind = 'special' }) => ({ name, type: kind }));
}
