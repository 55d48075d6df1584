/** capabilities: the CapabilityStatement, made of what is really there. https://hl7.org/fhir/R4/http.html#capabilities */
import type { CapabilityStatement, CapabilityStatementRestResource } from '@medplum/fhirtypes';
import { isPossible } from '../access/index.ts';
import { resourceTypes } from '../fhir/definitions/index.ts';
import type { SearchParameterRegistry } from '../search/index.ts';
import { socketUrl } from '../platform/socket-url.ts';
import { JSON_PATCH } from './patch-document.ts';
import type { Server } from './server.ts';

/** https://hl7.org/fhir/R4/extension-capabilitystatement-websocket.html */
const WEBSOCKET = 'http://hl7.org/fhir/StructureDefinition/capabilitystatement-websocket';
const SMART_OAUTH_URIS = 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris';

/** The same for every caller and constant until the registry changes. */
export function capabilityStatement(server: Server, startedAt: Date): CapabilityStatement {
  const { config } = server;
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: startedAt.toISOString(),
    publisher: 'Dr. Assistant',
    kind: 'instance',
    ...instantiates(server),
    software: { name: 'Dr. Assistant FHIR server', version: '0.1.0' },
    implementation: { description: 'Dr. Assistant', url: config.fhirBase },
    fhirVersion: '4.0.1',
    format: ['json', 'xml', 'application/fhir+json', 'application/fhir+xml'],
    patchFormat: [JSON_PATCH, 'application/fhir+json', 'application/fhir+xml'],
    rest: [
      {
        mode: 'server',
        extension: [{ url: WEBSOCKET, valueUri: socketUrl(config.baseUrl) }],
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
        interaction: [
          { code: 'transaction' },
          { code: 'batch' },
          { code: 'history-system' },
          { code: 'search-system' },
        ],
        searchParam: [
          ...ofAllTypes(server.registry),
          ...SEARCH_PARAMETERS.map((p) => ({ ...p })),
          { name: '_type', type: 'special' as const },
        ],
        compartment: ['Patient', 'Encounter'].map(
          (c) => `http://hl7.org/fhir/CompartmentDefinition/${c.toLowerCase()}`,
        ),
        operation: [...server.operations.values()]
          .filter((o) => o.at.some((a) => a.level === 'system'))
          .map((o) => ({ name: o.name.slice(1), definition: o.definition })),
        resource: resourceTypes().map((type) => restResource(type, server)),
      },
    ],
  };
}

/** Its profiles come with its package, and nothing else is missing for its statement. */
const US_CORE_PATIENT = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient';
const US_CORE_SERVER = 'http://hl7.org/fhir/us/core/CapabilityStatement/us-core-server';

/** Statements of others that this server fulfils. */
function instantiates({ operations, profiles }: Server): Pick<CapabilityStatement, 'instantiates'> {
  const isUsCore =
    profiles.supported.get('Patient')?.some((p) => p.split('|')[0] === US_CORE_PATIENT) === true;
  const all = [
    ...(isUsCore ? [US_CORE_SERVER] : []),
    ...[...operations.values()].flatMap((o) => o.instantiates ?? []),
  ];
  return all.length === 0 ? {} : { instantiates: all };
}

const INTERACTIONS = [
  'read',
  'vread',
  'update',
  'patch',
  'delete',
  'history-instance',
  'history-type',
  'create',
  'search-type',
] as const;

/** What every type has without an expression of its own. */
const SEARCH_PARAMETERS = [
  { name: '_content', type: 'special' },
  { name: '_filter', type: 'special' },
  { name: '_has', type: 'special' },
  { name: '_list', type: 'special' },
  { name: '_text', type: 'special' },
] as const;

/** Parameters of Resource itself. https://hl7.org/fhir/R4/resource.html#search */
const ofAllTypes = (registry: SearchParameterRegistry) =>
  ['_id', '_lastUpdated', '_profile', '_security', '_source', '_tag'].flatMap((code) => {
    const parameter = registry.get('Basic', code);
    return parameter ? [{ name: code, type: parameter.type, definition: parameter.url }] : [];
  });

function restResource(
  type: string,
  { config, registry, operations, profiles }: Server,
): CapabilityStatementRestResource {
  const parameters = registry.list(type).filter((p) => registry.isReady(type, p.code));
  const revinclude = revincludes(registry).get(type);
  const supported = profiles.supported.get(type);
  const references = parameters.filter((p) => p.type === 'reference');
  const operation = [...operations.values()].flatMap(({ name, definition, at }) => {
    const here = at.find((a) => a.resourceType === type);
    return here ? [{ name: name.slice(1), definition: here.definition ?? definition }] : [];
  });
  return {
    type: type as CapabilityStatementRestResource['type'],
    profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    ...(supported === undefined ? {} : { supportedProfile: [...supported] }),
    interaction: INTERACTIONS.filter((code) => isPossible(code, type)).map((code) => ({ code })),
    versioning: 'versioned',
    readHistory: true,
    updateCreate: isPossible('update', type),
    conditionalCreate: true,
    conditionalRead: 'full-support',
    conditionalUpdate: isPossible('update', type),
    conditionalDelete: !isPossible('delete', type)
      ? 'not-supported'
      : config.conditionalDeleteMax > 1
        ? 'multiple'
        : 'single',
    referencePolicy:
      config.referentialIntegrity === 'enforce'
        ? ['literal', 'logical', 'local', 'enforced']
        : ['literal', 'logical', 'local'],
    searchInclude: ['*', `${type}:*`, ...references.map((p) => `${type}:${p.code}`)],
    ...(revinclude === undefined ? {} : { searchRevInclude: revinclude }),
    searchParam: [
      ...parameters.map((p) => ({ name: p.code, type: p.type, definition: p.url })),
      ...SEARCH_PARAMETERS.filter((p) => p.name !== '_has' || isReferredTo(registry, type)).map((p) => ({
        ...p,
      })),
    ],
    ...(operation.length === 0 ? {} : { operation }),
  };
}

const revincludesByRegistry = new WeakMap<
  SearchParameterRegistry,
  { revision: number; of: Map<string, string[]> }
>();

/** Type → what refers to it. A reference to anything is left to each type's own `searchInclude`. */
function revincludes(registry: SearchParameterRegistry): Map<string, string[]> {
  const kept = revincludesByRegistry.get(registry);
  if (kept?.revision === registry.revision) return kept.of;
  const of = new Map<string, string[]>();
  for (const type of resourceTypes())
    for (const { code, target = [] } of registry.list(type).filter((p) => p.type === 'reference')) {
      if (!registry.isReady(type, code)) continue;
      if (target.length > TARGETS_MAX) continue;
      for (const to of target) of.set(to, [...(of.get(to) ?? []), `${type}:${code}`]);
    }
  revincludesByRegistry.set(registry, { revision: registry.revision, of });
  return of;
}

/** Where no reference leads to a type there is no `_has` of it. */
const isReferredTo = (registry: SearchParameterRegistry, type: string): boolean =>
  resourceTypes().some((from) =>
    registry.list(from).some((p) => p.type === 'reference' && p.target?.includes(type) === true),
  );

/** More targets than that mean any type. */
const TARGETS_MAX = 40;
