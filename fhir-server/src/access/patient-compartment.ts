/** What a patient's own rights reach: his compartment, and what is shared by all. https://hl7.org/fhir/R4/compartmentdefinition-patient.html */
import { compartmentParameters } from '../fhir/definitions/index.ts';
import { ALL, and, compartmentKey, type Expression, NONE, or } from '../search/index.ts';
import { compileCriteria, type CriteriaContext } from './criteria.ts';
import { type Interaction, isReading } from './interaction.ts';
import type { Principal } from './principal.ts';
import { SHARED_TYPES } from './resource-groups.ts';

/** The id of the Patient that the user is, if he is one. */
export function ownPatientId(principal: Principal): string | undefined {
  const [type, id, ...more] = (principal.fhirUser ?? '').split('/');
  return type === 'Patient' && id && more.length === 0 ? id : undefined;
}

/** Nothing without a patient: also shared types need a patient in context, because the token is for his data. */
export function patientFilter(
  patientId: string | undefined,
  interaction: Interaction,
  resourceType: string,
  context: CriteriaContext,
): Expression {
  if (patientId === undefined || patientId === '') return NONE;
  if (SHARED_TYPES.has(resourceType)) return isReading(interaction) ? ALL : NONE;
  const patient = `Patient/${patientId}`;
  // R4 leaves Device out of the compartment. A list of all would tell who has which implant.
  if (resourceType === 'Device') return compileCriteria(resourceType, [['patient', patient]], context);
  const parameters = joiningParameters(resourceType);
  if (!parameters) return NONE;
  const inCompartment: Expression = { kind: 'key', keys: [compartmentKey('Patient', patientId)] };
  if (isReading(interaction)) return inCompartment;
  // A resource about somebody else joins the compartment of whom it names as performer, author or asserter:
  // to read it is his right, but through it nobody may write into another patient's record.
  const subjects = parameters.filter((code) => code === 'subject' || code === 'patient');
  if (subjects.length === 0) return inCompartment;
  return and(
    inCompartment,
    or(...subjects.map((code) => compileCriteria(resourceType, [[code, patient]], context))),
  );
}

/** Undefined for types outside the compartment. Binary joins it by its securityContext, which storage indexes. */
function joiningParameters(resourceType: string): readonly string[] | undefined {
  const parameters = compartmentParameters('Patient', resourceType);
  return parameters ?? (resourceType === 'Binary' || resourceType === 'Patient' ? [] : undefined);
}
