/** Resource types by what they are about: the vocabulary of the shipped policies and of patient scopes. */
const types = (names: string): readonly string[] => names.trim().split(/\s+/);

/** About nobody in particular; whoever is logged in may read them. Endpoint is left out: its headers may hold credentials. */
export const REFERENCE_TYPES = types(`
  Practitioner PractitionerRole Organization OrganizationAffiliation Location HealthcareService
  Medication MedicationKnowledge Substance DeviceDefinition ObservationDefinition SpecimenDefinition
  Questionnaire PlanDefinition ActivityDefinition Library Measure
  ValueSet CodeSystem ConceptMap NamingSystem StructureDefinition SearchParameter OperationDefinition
  CapabilityStatement CompartmentDefinition ImplementationGuide`);

/** Free and offered times. R4 counts a Schedule to the compartment of its actor, but a patient books with others. */
export const TIMETABLE_TYPES = types('Schedule Slot');

/** Readable under patient scopes without belonging to a patient. */
export const SHARED_TYPES: ReadonlySet<string> = new Set([...REFERENCE_TYPES, ...TIMETABLE_TYPES]);

/** Who the patient is and when he comes. */
export const DEMOGRAPHIC_TYPES = types('Patient RelatedPerson');
export const APPOINTMENT_TYPES = types('Appointment AppointmentResponse');
export const ADMINISTRATIVE_TYPES = types('Coverage Account');

/** Bills show diagnoses. */
export const BILLING_TYPES = types('Claim ClaimResponse ExplanationOfBenefit Invoice ChargeItem');

/** The clinical record. */
export const CLINICAL_TYPES = types(`
  AdverseEvent AllergyIntolerance Binary BodyStructure CarePlan CareTeam ClinicalImpression Communication
  CommunicationRequest Composition Condition Consent DetectedIssue Device DeviceRequest DeviceUseStatement
  DiagnosticReport DocumentManifest DocumentReference Encounter EpisodeOfCare FamilyMemberHistory Flag Goal
  Group GuidanceResponse ImagingStudy Immunization ImmunizationEvaluation ImmunizationRecommendation List
  Media MedicationAdministration MedicationDispense MedicationRequest MedicationStatement MolecularSequence
  NutritionOrder Observation Procedure QuestionnaireResponse RequestGroup RiskAssessment ServiceRequest
  Specimen SupplyDelivery SupplyRequest Task VisionPrescription`);
