/** The bot as a Device, one per combination of providers, and the Provenance of a draft. */
import type { Device, Provenance, Reference, Resource } from '@medplum/fhirtypes';
import { derivedId } from '../ids.ts';
import { aiMeta } from '../vocabulary.ts';
import type { DraftContext, StageProviders, VisitDraft } from './draft.ts';

const BOT_VERSION = '0.1.0';
const stages = ['transcribe', 'draft', 'extract'] as const;

export const deviceId = (providers: StageProviders): string =>
  derivedId('device', BOT_VERSION, ...stages.map((stage) => providers[stage]));

export function botDevice(providers: StageProviders): Device {
  return {
    resourceType: 'Device',
    id: deviceId(providers),
    status: 'active',
    deviceName: [{ name: 'Visit scribe', type: 'user-friendly-name' }],
    type: { text: 'Software that drafts visit notes' },
    version: [
      { type: { text: 'visit-scribe' }, value: BOT_VERSION },
      ...stages.map((stage) => ({ type: { text: stage }, value: providers[stage] })),
    ],
  };
}

/** Who made the draft from what. https://hl7.org/fhir/R4/provenance.html */
export function draftProvenance(
  draft: VisitDraft,
  targets: readonly Resource[],
  context: DraftContext,
): Provenance {
  const used = stages.map((stage) => `${stage}: ${draft.providers[stage]}`).join('; ');
  return {
    resourceType: 'Provenance',
    id: context.id('provenance'),
    meta: aiMeta(),
    target: targets.map(referenceTo),
    recorded: context.now,
    activity: { text: `Drafted by software (${used})` },
    agent: [
      {
        type: {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type',
              code: 'assembler',
              display: 'Assembler',
            },
          ],
        },
        who: context.device,
      },
    ],
    entity: [
      { role: 'source', what: context.recordingVersion },
      { role: 'source', what: context.transcript },
    ],
  };
}

const referenceTo = (resource: Resource): Reference => ({
  reference: `${resource.resourceType}/${resource.id ?? ''}`,
});
