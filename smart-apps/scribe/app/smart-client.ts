/** How the scribe is registered, and what it asks for: no more than its pages use. */
export const CLIENT_ID = 'scribe';

const SCOPES = [
  'openid',
  'fhirUser',
  'online_access',
  'user/Patient.rs',
  'user/Appointment.rs',
  'user/Encounter.rs',
  'user/AllergyIntolerance.rs',
  'user/MedicationRequest.rs',
  'user/Consent.crus',
  'user/Media.crus',
  'user/Binary.cr',
  'user/DocumentReference.crus',
  'user/Composition.crus',
  'user/Condition.crus',
  'user/MedicationStatement.crus',
  'user/FamilyMemberHistory.crus',
  'user/Observation.crus',
  'user/Task.rs',
  'user/Provenance.crs',
  'user/Practitioner.r',
  'user/Questionnaire.s',
];

export const LAUNCH_SCOPE = ['launch', ...SCOPES].join(' ');
/** Without a patient: the clinician chooses from the day's list. */
export const STANDALONE_SCOPE = SCOPES.join(' ');
