/** Which types an export has, by its level. https://hl7.org/fhir/uv/bulkdata/STU2/export.html#endpoint---all-patients */
import { compartmentParameters, resourceTypes } from '../fhir/definitions/index.ts';
import type { ExportRequest } from './export-job.ts';

/** Their content does not lie in the resource; what refers to one has its URL. */
export const NOT_EXPORTED: ReadonlySet<string> = new Set(['Binary', 'Parameters']);

/** Exported only where they are named: they are about the server and its users. Members of a Group may be others' patients. */
const ONLY_NAMED = new Set(['AuditEvent', 'Subscription', 'Group', 'List', 'Person']);

/** Outside of the patients' compartments, and needed to understand what is in them. */
const REFERRED = new Set([
  'Practitioner', 'PractitionerRole', 'Organization', 'OrganizationAffiliation', 'Location', 'HealthcareService',
  'Medication', 'MedicationKnowledge', 'Substance', 'Device', 'DeviceDefinition', 'Questionnaire', 'PlanDefinition',
  'ActivityDefinition', 'ObservationDefinition', 'SpecimenDefinition',
]); // prettier-ignore

/** Those of a patient's own record. R4 leaves Device out of the compartment, though it may name its patient. */
export const isOfPatient = (resourceType: string): boolean =>
  resourceType === 'Patient' ||
  resourceType === 'Device' ||
  (resourceType !== 'Provenance' && compartmentParameters('Patient', resourceType) !== undefined);

/** Found by what refers to them, or by what they refer to. */
export const isReferred = (resourceType: string): boolean =>
  REFERRED.has(resourceType) || resourceType === 'Provenance';

export const isPossibleType = (level: ExportRequest['level'], resourceType: string): boolean =>
  !NOT_EXPORTED.has(resourceType) &&
  (level === 'system' || isOfPatient(resourceType) || isReferred(resourceType));

/** Where none is named. */
export const defaultTypes = (level: ExportRequest['level']): readonly string[] =>
  resourceTypes().filter((type) => !ONLY_NAMED.has(type) && isPossibleType(level, type));

/** Whether the export has to look at what resources refer to. */
export const looksForReferences = ({ level, types }: ExportRequest): boolean =>
  level !== 'system' && types.some(isReferred);

/** Types that are read one after the other; some only for what they refer to. */
export const typesToRead = (request: ExportRequest): readonly string[] => {
  if (request.level === 'system') return request.types;
  const ofPatients = looksForReferences(request)
    ? [...new Set([...defaultTypes(request.level), ...request.types])]
    : request.types;
  return ['Patient', ...ofPatients.filter((type) => type !== 'Patient')].filter(
    (type) => isOfPatient(type) && (looksForReferences(request) || request.types.includes(type)),
  );
};
