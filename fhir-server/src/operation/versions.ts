/** $versions: which versions of FHIR are spoken here. https://hl7.org/fhir/R4/capabilitystatement-operation-versions.html */
import type { Parameters } from '@medplum/fhirtypes';
import type { Operation } from '../interaction/index.ts';

const VERSION = '4.0';

const answer: Parameters = {
  resourceType: 'Parameters',
  parameter: [
    { name: 'version', valueCode: VERSION },
    { name: 'default', valueCode: VERSION },
  ],
};

export const versions: Operation = {
  name: '$versions',
  at: [{ level: 'system' }],
  affectsState: false,
  isPublic: true,
  definition: 'http://hl7.org/fhir/OperationDefinition/CapabilityStatement-versions',
  run: () => Promise.resolve({ status: 200, headers: {}, body: JSON.stringify(answer) }),
};
