/** How the portal is registered, and what it asks for. The download is the whole record, so it reads every type. */
export const CLIENT_ID = 'portal';

/** `npm start` registers the client with the same (scripts/start/demo.ts). */
export const SCOPE = [
  'launch/patient',
  'openid',
  'fhirUser',
  'online_access',
  'account/apps.read',
  'account/apps.write',
  'patient/*.rs',
  'patient/Appointment.cu',
  'patient/Communication.c',
  'patient/QuestionnaireResponse.cu',
].join(' ');
