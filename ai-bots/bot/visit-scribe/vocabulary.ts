/** Systems and codes that the bot, the app and the server agree on. */
import type { CodeableConcept, Coding, Meta } from '@medplum/fhirtypes';

/** Name of the bot, its client and its ids. */
export const BOT = 'visit-scribe';

const ROOT = 'https://dr-assistant.example/fhir';

export const DOCUMENT_TYPE_SYSTEM = `${ROOT}/CodeSystem/document-type`;
export const TRANSCRIPT_SOURCE_EXTENSION = `${ROOT}/StructureDefinition/transcript-source`;
/** On a Provenance: a provider that was asked before the one that answered, with stage and reason. */
export const PASSED_OVER_EXTENSION = `${ROOT}/StructureDefinition/passed-over-provider`;
const OBSERVATION_VALUE = 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue';

/** Written by an AI. https://terminology.hl7.org/CodeSystem-v3-ObservationValue.html */
const AI_WRITTEN: Coding = {
  system: OBSERVATION_VALUE,
  code: 'AIAST',
  display: 'Artificial Intelligence asserted',
};
/** Written down by a machine that listened. */
const DICTATED: Coding = { system: OBSERVATION_VALUE, code: 'DICTAST', display: 'Dictation asserted' };

export const aiMeta = (): Meta => ({ security: [AI_WRITTEN] });
export const dictatedMeta = (): Meta => ({ security: [AI_WRITTEN, DICTATED] });

/** Whether a machine wrote this: the bot never works on such resources. */
export function isMachineWritten(meta: Meta | undefined): boolean {
  const codes = ['AIAST', 'DICTAST'];
  return (meta?.security ?? []).some((s) => s.system === OBSERVATION_VALUE && codes.includes(s.code ?? ''));
}

export const TRANSCRIPT_TYPE: CodeableConcept = {
  coding: [{ system: DOCUMENT_TYPE_SYSTEM, code: 'visit-transcript', display: 'Visit transcript' }],
  text: 'Visit transcript',
};

export const NOTE_TYPE: CodeableConcept = {
  coding: [{ system: 'http://loinc.org', code: '11506-3', display: 'Progress note' }],
  text: 'Progress note',
};

export const hasTranscriptType = (type: CodeableConcept | undefined): boolean =>
  (type?.coding ?? []).some((c) => c.system === DOCUMENT_TYPE_SYSTEM && c.code === 'visit-transcript');
