/** Who made the draft from what, and who was asked in vain. https://hl7.org/fhir/R4/provenance.html */
import type {
  CodeableConcept,
  Extension,
  Provenance,
  ProvenanceAgent,
  Reference,
  Resource,
} from '@medplum/fhirtypes';
import { aiMeta, PASSED_OVER_EXTENSION } from '../vocabulary.ts';
import { providerDeviceId } from './device.ts';
import type { DraftContext, StageRecord, VisitDraft } from './draft.ts';
import { fallbackWords, providerTexts } from './stage-words.ts';

export function draftProvenance(
  draft: VisitDraft,
  targets: readonly Resource[],
  context: DraftContext,
): Provenance {
  const used = Object.entries(providerTexts(draft.stages)).map(([stage, by]) => `${stage}: ${by}`);
  const words = [`Drafted by software (${used.join('; ')}).`, ...fallbackWords(draft)].join(' ');
  const extension = draft.stages.flatMap(passedOver);
  return {
    resourceType: 'Provenance',
    id: context.id('provenance'),
    meta: aiMeta(),
    ...(extension.length === 0 ? {} : { extension }),
    target: targets.map(referenceTo),
    recorded: context.now,
    activity: { text: words },
    agent: [
      { type: participant('assembler', 'Assembler'), who: context.device },
      ...draft.stages.flatMap(performer),
    ],
    entity: [
      { role: 'source', what: context.recordingVersion },
      { role: 'source', what: context.transcript },
    ],
  };
}

/** The provider that answered a stage, in the role of that stage. */
function performer({ stage, provider }: StageRecord): ProvenanceAgent[] {
  if (provider === undefined) return [];
  return [
    {
      type: participant('performer', 'Performer'),
      role: [{ text: stage }],
      who: { reference: `Device/${providerDeviceId(provider)}` },
    },
  ];
}

const participant = (code: string, display: string): CodeableConcept => ({
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code, display }],
});

const passedOver = ({ stage, passedOver: providers }: StageRecord): Extension[] =>
  providers.map(({ provider, reason }) => ({
    url: PASSED_OVER_EXTENSION,
    extension: [
      { url: 'stage', valueString: stage },
      { url: 'provider', valueString: provider },
      { url: 'reason', valueString: reason },
    ],
  }));

const referenceTo = (resource: Resource): Reference => ({
  reference: `${resource.resourceType}/${resource.id ?? ''}`,
});
