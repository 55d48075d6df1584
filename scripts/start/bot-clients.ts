/** The bots' clients of the demo: a bot's rights are these scopes, and nothing else. */

export interface BotClient {
  readonly clientId: string;
  readonly name: string;
  readonly scopes: readonly string[];
}

export const botClients: readonly BotClient[] = [
  {
    clientId: 'visit-scribe',
    name: 'Visit scribe bot',
    scopes: [
      'system/Patient.r',
      'system/Practitioner.r',
      'system/PractitionerRole.r',
      'system/RelatedPerson.s',
      'system/Media.rs',
      'system/Binary.r',
      'system/DocumentReference.crus',
      'system/Composition.crus',
      'system/Condition.crus',
      'system/MedicationStatement.crus',
      'system/FamilyMemberHistory.crus',
      'system/Observation.crus',
      'system/Provenance.crus',
      'system/Device.crus',
      'system/Task.crus',
      'system/Subscription.crus',
    ],
  },
  {
    clientId: 'appointment-reminder',
    name: 'Appointment reminder bot',
    scopes: [
      'system/Appointment.rs',
      'system/Patient.rs',
      'system/Location.rs',
      'system/Organization.rs',
      'system/Flag.rs',
      'system/Communication.crus',
      'system/Task.cruds',
    ],
  },
  {
    clientId: 'timetable',
    name: 'Timetable bot',
    scopes: ['system/Schedule.rs', 'system/Slot.crus', 'system/Task.crus', 'system/Subscription.crus'],
  },
  {
    clientId: 'waitlist',
    name: 'Waitlist bot',
    scopes: [
      'system/Appointment.crus',
      'system/Slot.rs',
      'system/Schedule.rs',
      'system/Patient.rs',
      'system/Communication.crus',
      'system/Task.cruds',
      'system/Subscription.crus',
    ],
  },
  {
    clientId: 'chart-summary',
    name: 'Chart summary bot',
    scopes: [
      'system/Patient.r',
      'system/Practitioner.r',
      'system/PractitionerRole.r',
      'system/RelatedPerson.s',
      'system/Encounter.rs',
      'system/Appointment.rs',
      'system/Condition.s',
      'system/MedicationRequest.s',
      'system/MedicationStatement.s',
      'system/Medication.rs',
      'system/AllergyIntolerance.s',
      'system/Observation.s',
      'system/Procedure.s',
      'system/ServiceRequest.s',
      'system/Composition.cru',
      'system/DocumentReference.cru',
      'system/Provenance.cru',
      'system/Device.cru',
      'system/Task.cruds',
      'system/Subscription.crus',
    ],
  },
];
