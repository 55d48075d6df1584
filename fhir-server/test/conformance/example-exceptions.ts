/**
 * Official examples of R4 (npm `hl7.fhir.r4.examples`) that break rules of the standard themselves, so that a server refuses them.
 * File without `.json` → the first error and why it is one.
 */
export interface ExampleException {
  readonly expression: string;
  readonly reason: string;
}

const NO_BASE = {
  expression: 'SearchParameter.base',
  reason: 'SearchParameter.base is 1..*, and there is none',
};
const NO_BASE_DEFINITION = {
  expression: 'StructureDefinition',
  reason: 'sdf-4: a logical model that is not abstract has no baseDefinition',
};
const NO_TEXT = (type: string): ExampleException => ({
  expression: `${type}.text.div`,
  reason: 'txt-2: the narrative is white space only',
});
const NO_NAME = { expression: 'ImplementationGuide.name', reason: 'name and status are required' };

const searchParameters = ['CodeSystem', 'ValueSet'].flatMap((type) =>
  ['author', 'effective', 'end', 'keyword', 'workflow'].map(
    (code) => `SearchParameter-${type.toLowerCase()}-extensions-${type}-${code}`,
  ),
);
const logicalModels = ['Definition', 'Event', 'FiveWs', 'Request'].map(
  (name) => `StructureDefinition-${name}`,
);

export const EXAMPLE_EXCEPTIONS: Readonly<Record<string, ExampleException>> = {
  'ActivityDefinition-blood-tubes-supply': NO_TEXT('ActivityDefinition'),
  'ActivityDefinition-heart-valve-replacement': NO_TEXT('ActivityDefinition'),
  'Bundle-10bb101f-a121-4264-a920-67be9cb82c74': {
    expression: 'Bundle.entry[2].fullUrl',
    reason: 'the fullUrl ends with Patient/pat12, the resource has the id pat2',
  },
  'Bundle-3a0707d3-549e-4467-b8b8-5a2ab3800efe': {
    expression: 'Bundle.entry[3].fullUrl',
    reason: 'the fullUrl ends with Patient/pat12, the resource has the id pat2',
  },
  'Bundle-dataelements': {
    expression: 'Bundle',
    reason: 'bdl-7: entries have the same fullUrl without versions',
  },
  'Bundle-hla-1': {
    expression: 'Bundle.entry[0].resource.extension[1].extension[1].url',
    reason: 'the extension geneticsReference has no part uri',
  },
  'Bundle-lri-example': {
    expression: 'Bundle.entry[1].fullUrl',
    reason: 'the fullUrl ends with lri-gramstain1, the resource has the id gramstain1',
  },
  'Bundle-valueset-expansions': {
    expression: 'Bundle.entry[47].resource.expansion.contains[0].extension[0]',
    reason: 'the extension translation is for texts and codes and stands on an element of an expansion',
  },
  'DeviceMetric-example': {
    expression: 'DeviceMetric.parent.reference',
    reason: 'the parent is a Device, and the reference is to a DeviceDefinition',
  },
  'DeviceUseStatement-example': {
    expression: 'DeviceUseStatement.reasonReference[0].reference',
    reason: 'a reason is no Procedure',
  },
  'EventDefinition-example': NO_TEXT('EventDefinition'),
  'ImplementationGuide-fhir': NO_NAME,
  'MedicationRequest-medrx0301': {
    expression: 'MedicationRequest.dispenseRequest.performer.reference',
    reason: 'the dispenser is an Organization, and the reference is to a Practitioner',
  },
  'Observation-clinical-gender': {
    expression: 'Observation.performer[0].reference',
    reason: 'a performer is no Encounter',
  },
  'PlanDefinition-example-cardiology-os': {
    expression: 'PlanDefinition.contained[11].item[0].answerValueSet',
    reason: 'the value set that it refers to is not contained',
  },
  'Questionnaire-qs1': {
    expression: 'Questionnaire.item[0].item[0].linkId',
    reason: 'linkId is required, and the extension questionnaire-allowedResource is of an older version',
  },
  'Questionnaire-zika-virus-exposure-assessment': NO_TEXT('Questionnaire'),
  'ig-r4': NO_NAME,
  ...Object.fromEntries(searchParameters.map((name) => [name, NO_BASE])),
  ...Object.fromEntries(logicalModels.map((name) => [name, NO_BASE_DEFINITION])),
};
