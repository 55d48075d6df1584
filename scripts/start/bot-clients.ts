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
];
