/** Everything that a visit leads to, as the entries of one transaction. https://hl7.org/fhir/R4/http.html#transaction */
import type { BundleEntry, Resource } from '@medplum/fhirtypes';
import { idFor, versionReference, type Trigger } from '../trigger.ts';
import { noteComposition } from './composition.ts';
import { botDevice, deviceId, draftProvenance } from './device.ts';
import { noteDocument, transcriptDocument } from './document.ts';
import type { DraftContext, VisitDraft } from './draft.ts';
import { findingResources } from './finding.ts';

export interface DraftResources {
  /** The draft proper, in the order in which the Task lists it. */
  readonly outputs: readonly { readonly name: string; readonly resource: Resource }[];
  /** Shared between drafts: written only when it does not exist yet. */
  readonly device: Resource;
  readonly provenance: Resource;
}

/** @param now instant of writing */
export function buildDraft(trigger: Trigger, draft: VisitDraft, now: string): DraftResources {
  const context = contextOf(trigger, draft, now);
  const findings = findingResources(draft.findings, context);
  const documents = [
    // A transcript written by a person is itself the source.
    ...(trigger.kind === 'transcript'
      ? []
      : [{ name: 'transcript', resource: transcriptDocument(draft, context) }]),
    { name: 'note', resource: noteDocument(draft, context) },
    { name: 'composition', resource: noteComposition(draft, findings, context) },
  ];
  const outputs = [...documents, ...findings.map((resource) => ({ name: outputName(resource), resource }))];
  return {
    outputs,
    device: botDevice(draft.providers),
    provenance: draftProvenance(
      draft,
      outputs.map((o) => o.resource),
      context,
    ),
  };
}

function contextOf(trigger: Trigger, draft: VisitDraft, now: string): DraftContext {
  const id = (role: string): string => idFor(trigger, role);
  const transcript =
    trigger.kind === 'transcript' ? trigger.reference : `DocumentReference/${id('transcript')}`;
  return {
    id,
    subject: trigger.subject,
    ...(trigger.encounter === undefined ? {} : { encounter: trigger.encounter }),
    ...(trigger.date === undefined ? {} : { date: trigger.date }),
    now,
    recording: { reference: trigger.recording },
    recordingVersion: {
      reference: trigger.kind === 'transcript' ? trigger.recording : versionReference(trigger),
    },
    transcript: { reference: transcript },
    note: { reference: `DocumentReference/${id('note')}` },
    device: { reference: `Device/${deviceId(draft.providers)}` },
  };
}

/** `condition`, `medication-statement`, `family-member-history`, `observation`. */
const outputName = (resource: Resource): string =>
  resource.resourceType.replace(/(?<=[a-z])[A-Z]/g, (c) => `-${c}`).toLowerCase();

/** Written only if nothing is there: a second delivery fails as a whole and changes nothing. */
export const createEntry = (baseUrl: string, resource: Resource): BundleEntry => ({
  ...putEntry(baseUrl, resource),
  request: { method: 'PUT', url: `${resource.resourceType}/${resource.id ?? ''}`, ifNoneMatch: '*' },
});

/** Written only over this version. */
export const updateEntry = (baseUrl: string, resource: Resource, versionId: string): BundleEntry => ({
  ...putEntry(baseUrl, resource),
  request: {
    method: 'PUT',
    url: `${resource.resourceType}/${resource.id ?? ''}`,
    ifMatch: `W/"${versionId}"`,
  },
});

const putEntry = (baseUrl: string, resource: Resource): BundleEntry => ({
  fullUrl: `${baseUrl}/${resource.resourceType}/${resource.id ?? ''}`,
  resource,
});
