/** A reminder as a Communication that waits to be sent by whoever sends messages. https://hl7.org/fhir/R4/communication.html */
import type { CodeableConcept, Communication, Patient } from '@medplum/fhirtypes';
import type { Settings } from './settings.ts';
import type { Upcoming } from './upcoming.ts';
import { languageOf, reminderText } from './wording.ts';

/** System of the identifiers; the value is `Appointment/1|<start>|<lead in minutes>|Patient/2`. */
export const REMINDER_SYSTEM = 'https://dr-assistant.example/fhir/NamingSystem/appointment-reminder';

/** One per appointment, start, lead time and patient: a moved appointment is reminded of anew. */
export const reminderKey = ({ reference, start, patientReference }: Upcoming, leadMs: number): string =>
  [reference, start.toISOString(), leadMs / 60_000, patientReference].join('|');

/** What a key was made for. */
export function parseReminderKey(key: string): {
  readonly appointment: string;
  readonly start: Date;
  readonly patient: string;
} {
  const [appointment = '', start = '', , patient = ''] = key.split('|');
  return { appointment, start: new Date(start), patient };
}

export function reminder(
  upcoming: Upcoming,
  leadMs: number,
  clinic: Pick<Settings, 'language' | 'signature'>,
): Communication {
  const { patient, patientReference, reference, start, timeZone } = upcoming;
  const language = languageOf(patient, clinic.language);
  const medium = mediumOf(patient);
  const sender = patient?.managingOrganization?.reference;
  return {
    resourceType: 'Communication',
    language,
    identifier: [{ system: REMINDER_SYSTEM, value: reminderKey(upcoming, leadMs) }],
    status: 'preparation',
    category: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/communication-category',
            code: 'reminder',
            display: 'Reminder',
          },
        ],
      },
    ],
    ...(medium === undefined ? {} : { medium: [medium] }),
    subject: { reference: patientReference },
    about: [{ reference }],
    recipient: [{ reference: patientReference }],
    ...(sender === undefined ? {} : { sender: { reference: sender } }),
    payload: [{ contentString: reminderText(start, timeZone, language, clinic.signature) }],
  };
}

/** By the contact point that the patient ranks first; undefined when none tells. */
export function mediumOf(patient: Patient | undefined): CodeableConcept | undefined {
  const ranked = (patient?.telecom ?? [])
    .filter((t) => t.use !== 'old')
    .toSorted((a, b) => (a.rank ?? Infinity) - (b.rank ?? Infinity));
  const first = ranked.find((t) => t.system === 'sms' || t.system === 'email' || t.use === 'mobile');
  if (first === undefined) return undefined;
  const [code, display] = first.system === 'email' ? ['EMAILWRIT', 'email'] : ['SMSWRIT', 'SMS message'];
  return {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationMode', code, display }],
  };
}
