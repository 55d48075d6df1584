/** capabilities: the CapabilityStatement, made of what is really there. https://hl7.org/fhir/R4/http.html#capabilities */
import type { CapabilityStatement, CapabilityStatementRestResource } from '@medplum/fhirtypes';
import { resourceTypes } from '../fhir/definitions/index.ts';
import type { SearchParameterRegistry } from '../search/index.ts';
import type { Server } from './server.ts';

const SMART_OAUTH_URIS = 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris';

/** The same for every caller and constant while the process runs. */
export function capabilityStatement(server: Server, startedAt: Date): CapabilityStatement {
  const { config, registry } = server;
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: startedAt.toISOString(),
    publisher: 'Dr. Assistant',
    kind: 'instance',
    software: { name: 'Dr. Assistant FHIR server', version: '0.1.0' },
    implementation: { description: 'Dr. Assistant', url: config.fhirBase },
    fhirVersion: '4.0.1',
    format: ['json', 'application/fhir+json'],
    rest: [
      {
        mode: 'server',
        security: {
          cors: true,
          service: [
            {
              coding: [
                {
                  system: 'http://terminology.hl7.org/CodeSystem/restful-security-service',
                  code: 'SMART-on-FHIR',
                },
              ],
            },
          ],
          extension: [
            {
              url: SMART_OAUTH_URIS,
              extension: [
                { url: 'authorize', valueUri: `${config.issuer}/authorize` },
                { url: 'token', valueUri: `${config.issuer}/token` },
              ],
            },
          ],
        },
        interaction: [{ code: 'transaction' }, { code: 'batch' }, { code: 'history-system' }],
        resource: resourceTypes().map((type) => restResource(type, registry)),
      },
    ],
  };
}

function restResource(type: string, registry: SearchParameterRegistry): CapabilityStatementRestResource {
  return {
    type: type as CapabilityStatementRestResource['type'],
    interaction: [
      { code: 'read' },
      { code: 'vread' },
      { code: 'update' },
      { code: 'delete' },
      { code: 'history-instance' },
      { code: 'history-type' },
      { code: 'create' },
      { code: 'search-type' },
    ],
    versioning: 'versioned',
    readHistory: true,
    updateCreate: true,
    conditionalCreate: true,
    conditionalRead: 'full-support',
    conditionalUpdate: false,
    conditionalDelete: 'not-supported',
    searchParam: registry.list(type).map((p) => ({ name: p.code, type: p.type, definition: p.url })),
  };
}
