/** Whose server this is, in words and pictures that patients know. https://hl7.org/fhir/smart-app-launch/STU2.2/brands.html */
import type { Bundle, Endpoint, Extension, Identifier, Organization } from '@medplum/fhirtypes';
import { publish, readDocument, type PublishedDocument } from './published-document.ts';

const FHIR_VERSION = 'http://hl7.org/fhir/StructureDefinition/endpoint-fhir-version';
const PORTAL = 'http://hl7.org/fhir/StructureDefinition/organization-portal';
const ABSENT = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';
const CATEGORY = 'http://hl7.org/fhir/smart-app-launch/CodeSystem/user-access-category';
/** Of the bundle below. */
const LAST_CHANGE = '2026-01-01T00:00:00Z';

export interface Brands extends PublishedDocument {
  /** Of the brand whose server this is. */
  readonly identifier: Identifier;
}

export interface BrandedServer {
  readonly baseUrl: string;
  readonly fhirBase: string;
}

/** From a file, whose first Organization is the primary brand; otherwise one brand without more than is known. Throws for a file that breaks the guide's rules. */
export function loadBrands(file: string | undefined, server: BrandedServer): Brands {
  const bundle = file === undefined ? ownBrand(server) : readDocument('SMART_BRANDS_FILE', file);
  const faults = brandFaults(bundle, server.fhirBase);
  if (faults.length > 0) throw new Error(`SMART_BRANDS_FILE: ${faults.join('; ')}`);
  const { system, value } = organizations(bundle as unknown as Bundle)[0]!.identifier![0]!;
  return { ...publish(bundle), identifier: { ...(system === undefined ? {} : { system }), value: value! } };
}

function ownBrand({ baseUrl, fhirBase }: BrandedServer): Bundle {
  const endpoint: Endpoint = {
    resourceType: 'Endpoint',
    id: 'fhir-r4',
    extension: [{ url: FHIR_VERSION, valueCode: '4.0.1' }],
    status: 'active',
    connectionType: {
      system: 'http://terminology.hl7.org/CodeSystem/endpoint-connection-type',
      code: 'hl7-fhir-rest',
    },
    name: 'FHIR R4 endpoint',
    contact: [{ system: 'url', value: baseUrl }],
    payloadType: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/endpoint-payload-type', code: 'none' }] },
    ],
    address: fhirBase,
  };
  const reference = { reference: `Endpoint/${endpoint.id}` };
  const brand: Organization = {
    resourceType: 'Organization',
    id: 'brand',
    extension: [
      {
        url: PORTAL,
        extension: [
          { url: 'portalName', valueString: 'Dr. Assistant' },
          { url: 'portalUrl', valueUrl: baseUrl },
          { url: 'portalEndpoint', valueReference: reference },
        ],
      },
    ],
    identifier: [{ system: 'urn:ietf:rfc:3986', value: baseUrl }],
    active: true,
    type: [{ coding: [{ system: CATEGORY, code: 'clinical', display: 'Clinical' }] }],
    name: 'Dr. Assistant',
    telecom: [{ system: 'url', value: baseUrl }],
    endpoint: [reference],
  };
  const entry = [brand, endpoint].map((resource) => ({
    fullUrl: `${fhirBase}/${resource.resourceType}/${resource.id}`,
    resource,
  }));
  return { resourceType: 'Bundle', id: 'brands', type: 'collection', timestamp: LAST_CHANGE, entry };
}

const organizations = (bundle: Bundle): Organization[] =>
  (bundle.entry ?? []).flatMap(({ resource: r }) => (r?.resourceType === 'Organization' ? [r] : []));
const endpoints = (bundle: Bundle): Endpoint[] =>
  (bundle.entry ?? []).flatMap(({ resource: r }) => (r?.resourceType === 'Endpoint' ? [r] : []));

/** What is against the profiles of the guide, in words. Everything is asked of the content, which may be anything. */
function brandFaults(content: object, fhirBase: string): string[] {
  const bundle = content as Bundle;
  if (bundle.resourceType !== 'Bundle' || bundle.type !== 'collection' || !Array.isArray(bundle.entry))
    return ['it must hold a Bundle of the type collection with entries'];
  const [brands, ends] = [organizations(bundle), endpoints(bundle)];
  if (brands.length === 0 || brands.length + ends.length !== bundle.entry.length)
    return ['its entries must be Organizations, at least one, and Endpoints'];
  const faults = [...brands.flatMap(organizationFaults), ...ends.flatMap(endpointFaults)];
  if (typeof bundle.timestamp !== 'string' || Number.isNaN(Date.parse(bundle.timestamp)))
    faults.push('Bundle.timestamp is missing');
  const known = new Set(ends.map(({ id }) => `Endpoint/${id ?? ''}`));
  const used = new Set(brands.flatMap(references).map(localReference));
  if (![...used].every((reference) => known.has(reference)))
    faults.push('an Organization refers to an Endpoint that is not in the Bundle');
  if (![...known].every((reference) => used.has(reference)))
    faults.push('no Organization refers to one of the Endpoints');
  if (!brands.every((brand) => references(brand).length > 0))
    faults.push('an Organization refers to no Endpoint');
  if (!ends.some(({ address }) => address?.replace(/\/$/, '') === fhirBase))
    faults.push(`no Endpoint has the address ${fhirBase}`);
  const primary = brands[0]?.identifier?.[0];
  const same = brands.filter((b) =>
    b.identifier?.some((i) => i.system === primary?.system && i.value === primary?.value),
  );
  if (primary?.value === undefined || same.length !== 1)
    faults.push('the first Organization must have an identifier of its own as its first');
  if (!absentReasons(bundle).every((reason) => reason === 'asked-declined' || reason === 'asked-unknown'))
    faults.push('data may be absent only because it was asked-declined or asked-unknown');
  return faults;
}

function organizationFaults({ id, name, telecom }: Organization): string[] {
  const hasSite = telecom?.some(({ system, value }) => system === 'url' && isWebUrl(value)) === true;
  return [
    ...(id === undefined || name === undefined ? ['an Organization must have id and name'] : []),
    ...(hasSite ? [] : ['an Organization must have its site as telecom of the system url']),
  ];
}

function endpointFaults({ id, name, extension, connectionType, contact, address }: Endpoint): string[] {
  const isGood =
    id !== undefined &&
    name !== undefined &&
    connectionType?.code === 'hl7-fhir-rest' &&
    extension?.some(({ url, valueCode }) => url === FHIR_VERSION && valueCode !== undefined) === true &&
    contact?.some(({ system, value }) => system === 'url' && isWebUrl(value)) === true &&
    isWebUrl(address);
  return isGood
    ? []
    : [
        'an Endpoint must have id, name, the connection type hl7-fhir-rest, a FHIR version, a site as contact and an http(s) address',
      ];
}

const isWebUrl = (value: unknown): boolean =>
  typeof value === 'string' && /^https?:\/\//.test(value) && URL.canParse(value);

/** By `endpoint`, and by the portals. */
const references = ({ endpoint = [], extension = [] }: Organization): string[] => [
  ...endpoint.flatMap(({ reference }) => reference ?? []),
  ...extension
    .filter(({ url }) => url === PORTAL)
    .flatMap((portal: Extension) => portal.extension ?? [])
    .flatMap(({ url, valueReference }) =>
      url === 'portalEndpoint' && valueReference?.reference !== undefined ? [valueReference.reference] : [],
    ),
];

/** The last two segments. */
const localReference = (reference: string): string => reference.split('/').slice(-2).join('/');

function absentReasons(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(absentReasons);
  if (typeof value !== 'object' || value === null) return [];
  const { url, valueCode } = value as { url?: unknown; valueCode?: unknown };
  return [...(url === ABSENT ? [valueCode] : []), ...Object.values(value).flatMap(absentReasons)];
}
