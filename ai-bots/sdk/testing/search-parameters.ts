/** The search parameters that the FHIR API in memory knows: enough for the bots' own searches, and no more. */

export interface KnownParameter {
  readonly kind: 'token' | 'reference' | 'date';
  /** Dotted paths to the elements. */
  readonly paths: readonly string[];
  /** For references: only to this type. */
  readonly target?: string;
}

const token = (...paths: string[]): KnownParameter => ({ kind: 'token', paths });
const date = (...paths: string[]): KnownParameter => ({ kind: 'date', paths });
const reference = (target: string | undefined, ...paths: string[]): KnownParameter => ({
  kind: 'reference',
  paths,
  ...(target === undefined ? {} : { target }),
});

/** Those that mean the same wherever they occur. */
const everywhere: Readonly<Record<string, KnownParameter>> = {
  _id: token('id'),
  _lastUpdated: date('meta.lastUpdated'),
  _security: token('meta.security'),
  identifier: token('identifier'),
  status: token('status'),
  category: token('category'),
  code: token('code'),
  intent: token('intent'),
  patient: reference('Patient', 'subject', 'patient', 'for'),
  subject: reference(undefined, 'subject', 'for'),
  encounter: reference('Encounter', 'encounter', 'context', 'context.encounter'),
  'clinical-status': token('clinicalStatus'),
  'verification-status': token('verificationStatus'),
};

const byType: Readonly<Record<string, Readonly<Record<string, KnownParameter>>>> = {
  Appointment: {
    date: date('start'),
    patient: reference('Patient', 'participant.actor'),
    location: reference('Location', 'participant.actor'),
    actor: reference(undefined, 'participant.actor'),
    'supporting-info': reference(undefined, 'supportingInformation'),
  },
  Communication: { sent: date('sent'), recipient: reference(undefined, 'recipient') },
  Composition: { date: date('date'), type: token('type') },
  Condition: { 'recorded-date': date('recordedDate'), 'onset-date': date('onsetDateTime', 'onsetPeriod') },
  DocumentReference: {
    date: date('date'),
    type: token('type'),
    related: reference(undefined, 'context.related'),
  },
  Encounter: {
    date: date('period'),
    appointment: reference('Appointment', 'appointment'),
    type: token('type'),
  },
  Location: { organization: reference('Organization', 'managingOrganization') },
  MedicationRequest: {
    authoredon: date('authoredOn'),
    medication: reference('Medication', 'medicationReference'),
  },
  MedicationStatement: {
    effective: date('effectiveDateTime', 'effectivePeriod'),
    medication: reference('Medication', 'medicationReference'),
  },
  Observation: { date: date('effectiveDateTime', 'effectivePeriod', 'effectiveInstant') },
  Patient: { organization: reference('Organization', 'managingOrganization') },
  Procedure: { date: date('performedDateTime', 'performedPeriod') },
  Provenance: { target: reference(undefined, 'target') },
  Schedule: { actor: reference(undefined, 'actor') },
  ServiceRequest: { authored: date('authoredOn') },
  Task: {
    'authored-on': date('authoredOn'),
    modified: date('lastModified'),
    focus: reference(undefined, 'focus'),
  },
  Slot: { schedule: reference('Schedule', 'schedule'), start: date('start') },
};

/** Throws an Error in words: what is not known must not look like something that found nothing. */
export function knownParameter(type: string, name: string): KnownParameter {
  const found = byType[type]?.[name] ?? everywhere[name];
  if (found === undefined)
    throw new Error(`the FHIR API in memory does not know ${type}?${name}=; test this against a server`);
  return found;
}
