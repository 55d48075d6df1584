/** Everything that a visit leads to, as the entries of one transaction. https://hl7.org/fhir/R4/http.html#transaction */
import type { BundleEntry, Device, Resource } from '@medplum/fhirtypes';
import { idFor, versionReference, type Trigger } from '../trigger.ts';
import { noteComposition } from './composition.ts';
import { botDevice, providerDevice } from './device.ts';
import { noteDocument, transcriptDocument } from './document.ts';
import type { DraftContext, VisitDraft } from './draft.ts';
import { findingResources } from './finding.ts';
import { draftProvenance } from './provenance.ts';

export interface DraftResources {
  /** The draft proper, in the order in which the Task lists it. */
  readonly outputs: readonly { readonly name: string; readonly resource: Resource }[];
  /** The bot and its providers, shared between drafts: each is written only when it does not exist yet. */
  readonly devices: readonly Device[];
  readonly provenance: Resource;
}

/** @param now instant of writing */
export function buildDraft(trigger: Trigger, draft: VisitDraft, now: string): DraftResources {
  const context = contextOf(trigger, now);
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
    devices: devicesOf(draft),
    provenance: draftProvenance(
      draft,
      outputs.map((o) => o.resource),
      context,
    ),
  };
}

function devicesOf({ stages }: VisitDraft): Device[] {
  const all = [
    botDevice,
    ...stages.flatMap((s) => (s.provider === undefined ? [] : [providerDevice(s.provider)])),
  ];
  return [...new Map(all.map((device) => [device.id, device])).values()];
}

function contextOf(trigger: Trigger, now: string): DraftContext {
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
    device: { reference: `Device/${botDevice.id ?? ''}` },
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
