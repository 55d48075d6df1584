/**
 * What becomes of an earlier draft of the same recording when a new one is made: it is withdrawn, but only as far as
 * nobody has worked on it. A draft whose note was signed stays whole; of an unsigned one, each resource that somebody
 * has written to since the bot made it stays as it is.
 */
import type { BundleEntry, CodeableConcept, Resource, Task } from '@medplum/fhirtypes';
import type { FhirApi } from '../../../runtime/fhir-api.ts';
import { isMachineWritten } from '../vocabulary.ts';
import { updateEntry } from './bundle.ts';

/** Entries for the transaction that writes the new draft. */
export async function withdrawEarlierDraft(api: FhirApi, task: Task): Promise<BundleEntry[]> {
  const earlier = await loadOutputs(api, task);
  const signed = earlier.some((r) => r.resourceType === 'DocumentReference' && r.docStatus !== 'preliminary');
  if (signed) return [];
  return earlier.flatMap((resource) => {
    const versionId = resource.meta?.versionId;
    const changed = versionId === undefined || versionId !== '1' || !isMachineWritten(resource.meta);
    const withdrawn = changed ? undefined : withdraw(resource);
    return withdrawn === undefined || versionId === undefined
      ? []
      : [updateEntry(api.baseUrl, withdrawn, versionId)];
  });
}

async function loadOutputs(api: FhirApi, task: Task): Promise<Resource[]> {
  const references = (task.output ?? []).flatMap((o) => o.valueReference?.reference ?? []);
  const loaded = await Promise.all(
    references.map((reference) => {
      const [type, id] = reference.split('/');
      return api.read(type as Resource['resourceType'], id ?? '');
    }),
  );
  return loaded.filter((r) => r !== undefined);
}

const WITH_STATUS = ['Composition', 'MedicationStatement', 'Observation', 'FamilyMemberHistory'] as const;

/** Undefined for what has no such state. */
export function withdraw(resource: Resource): Resource | undefined {
  if (resource.resourceType === 'DocumentReference') return { ...resource, status: 'superseded' };
  if (resource.resourceType === 'Condition') {
    // Rule con-5: no clinicalStatus on what was entered in error.
    const { clinicalStatus: _status, ...kept } = resource;
    return { ...kept, verificationStatus: ENTERED_IN_ERROR };
  }
  const type = WITH_STATUS.find((t) => t === resource.resourceType);
  return type === undefined ? undefined : ({ ...resource, status: 'entered-in-error' } as Resource);
}

const ENTERED_IN_ERROR: CodeableConcept = {
  coding: [
    { system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'entered-in-error' },
  ],
};
