/** The CapabilityStatement of the endpoint for state. https://hl7.org/fhir/smart-app-launch/STU2.2/CapabilityStatement-smart-app-state-server.html */
import type { CapabilityStatement } from '@medplum/fhirtypes';
import type { Config } from '../platform/config.ts';

export const stateCapabilities = (
  { stateBase }: Pick<Config, 'stateBase'>,
  date: Date,
): CapabilityStatement => ({
  resourceType: 'CapabilityStatement',
  status: 'active',
  date: date.toISOString(),
  kind: 'instance',
  software: { name: 'Dr. Assistant FHIR server' },
  implementation: { description: 'State of apps', url: stateBase },
  instantiates: ['http://hl7.org/fhir/smart-app-launch/CapabilityStatement/smart-app-state-server'],
  fhirVersion: '4.0.1',
  format: ['json', 'xml', 'application/fhir+json', 'application/fhir+xml'],
  rest: [
    {
      mode: 'server',
      resource: [
        {
          type: 'Basic',
          profile: 'http://hl7.org/fhir/smart-app-launch/StructureDefinition/smart-app-state-basic',
          interaction: (['create', 'update', 'delete', 'search-type'] as const).map((code) => ({ code })),
          versioning: 'versioned-update',
          searchParam: [
            { name: 'code', type: 'token' },
            { name: 'subject', type: 'reference' },
          ],
        },
      ],
    },
  ],
});
