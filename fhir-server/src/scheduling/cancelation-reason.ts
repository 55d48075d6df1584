/** Why the server cancels an Appointment, as a code of ours: HL7's list has none for it. https://hl7.org/fhir/R4/valueset-appointment-cancellation-reason.html */
import type { CodeableConcept } from '@medplum/fhirtypes';

const SYSTEM = 'https://dr-assistant.example/fhir/CodeSystem/appointment-cancelation-reason';

const TEXTS = {
  'hold-expired': 'It was held, and not booked in time.',
  moved: 'Moved',
} as const;

export function cancelationReason(code: keyof typeof TEXTS): CodeableConcept {
  const text = TEXTS[code];
  return { coding: [{ system: SYSTEM, code, display: text }], text };
}
