/** What is offered: a pending Appointment that keeps the Slot for a while, and a Communication that waits to be sent. */
import type { Appointment, Communication } from '@medplum/fhirtypes';
import { mediumOf } from '../appointment-reminder/communication.ts';
import type { FreeSlot } from './free-slots.ts';
import type { Waiting } from './waiting.ts';
import { languageOf, offerText } from './wording.ts';

/** System of the Communications' identifiers; the value is the offer, `Appointment/1`. */
export const OFFER_SYSTEM = 'https://dr-assistant.example/fhir/NamingSystem/waitlist-offer';
/** The server takes the Slot back then (fhir-server/docs/scheduling.md). */
const HELD_UNTIL = 'https://dr-assistant.example/fhir/StructureDefinition/appointment-held-until';

export function offerOf(
  { appointment, reference, patientReference }: Waiting,
  { slot, schedule }: FreeSlot,
  until: Date,
  now: Date,
): Appointment {
  const { description, reasonCode, appointmentType } = appointment;
  const offered = (name: 'serviceCategory' | 'serviceType' | 'specialty'): Partial<Appointment> => {
    const concepts = appointment[name] ?? slot[name] ?? schedule[name];
    return concepts === undefined ? {} : { [name]: concepts };
  };
  return {
    resourceType: 'Appointment',
    extension: [{ url: HELD_UNTIL, valueInstant: until.toISOString() }],
    status: 'pending',
    ...offered('serviceCategory'),
    ...offered('serviceType'),
    ...offered('specialty'),
    ...(description !== undefined && { description }),
    ...(reasonCode !== undefined && { reasonCode }),
    ...(appointmentType !== undefined && { appointmentType }),
    supportingInformation: [{ reference }],
    start: slot.start,
    end: slot.end,
    minutesDuration: Math.round((Date.parse(slot.end) - Date.parse(slot.start)) / 60_000),
    slot: [{ reference: `Slot/${slot.id ?? ''}` }],
    created: now.toISOString(),
    participant: [
      { actor: { reference: patientReference }, required: 'required', status: 'needs-action' },
      ...schedule.actor.map((actor) => ({
        actor,
        required: 'required' as const,
        status: 'accepted' as const,
      })),
    ],
  };
}

/** It sends nothing: a gateway subscribes to `Communication?status=preparation`. */
export function noticeOf(
  { patient, patientReference }: Waiting,
  { slot }: FreeSlot,
  offerReference: string,
  until: Date,
  clinicsLanguage: string,
): Communication {
  const language = languageOf(patient, clinicsLanguage);
  const medium = mediumOf(patient);
  const sender = patient?.managingOrganization?.reference;
  return {
    resourceType: 'Communication',
    language,
    identifier: [{ system: OFFER_SYSTEM, value: offerReference }],
    status: 'preparation',
    category: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/communication-category',
            code: 'notification',
            display: 'Notification',
          },
        ],
      },
    ],
    ...(medium === undefined ? {} : { medium: [medium] }),
    subject: { reference: patientReference },
    about: [{ reference: offerReference }],
    recipient: [{ reference: patientReference }],
    ...(sender === undefined ? {} : { sender: { reference: sender } }),
    payload: [{ contentString: offerText(slot.start, until, language) }],
  };
}
