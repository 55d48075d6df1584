/** One request that is nearly right. */
import type { Corpus, Example } from './corpus.ts';
import { mutateBytes } from './mutate-bytes.ts';
import { mutateJson } from './mutate-json.ts';
import type { Random } from './random.ts';

export interface FuzzRequest {
  readonly method: string;
  /** Relative to the FHIR base. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** What must not be there after a refusal. */
  readonly marker?: string;
}

const JSON_TYPE = { 'Content-Type': 'application/fhir+json' };
const VALUES = [
  'x', '', 'a|b', '|', 'http://loinc.org|1234-5', 'Patient/there', '2020', 'gt2020-01-01', 'ap5', '5.4|http://unitsofmeasure.org|mg', '5', 'true', 'a,b', 'a$b', '\\',
  '\\,', "'", '%', '%00', '1e400', 'eq', '-1', '0', 'x'.repeat(2_000), '*', 'Patient:organization', 'family', '-_lastUpdated', 'name eq "x"', '((', 'count', 'data',
  'http://hl7.org/fhir/ValueSet/administrative-gender', 'urn:uuid:1', '#a', '2023-02-30', 'near', '1|2|3|km', '__proto__', '\u{1f600}',
]; // prettier-ignore
const MODIFIERS = ['', '', '', '', ':exact', ':contains', ':missing', ':not', ':in', ':below', ':above', ':text', ':of-type', ':identifier', ':Patient', ':iterate', ':nonsense', '.name', ':Patient.name', '._id', ':__proto__']; // prettier-ignore
const CONTROLS = ['_count', '_sort', '_include', '_revinclude', '_summary', '_elements', '_total', '_filter', '_has:Observation:patient:code', '_list', '_text', '_content', '_cursor', '_since', '_at', '_format', '_pretty', '_type', '_lastUpdated', '_contained', '__proto__']; // prettier-ignore
const HEADERS: readonly Readonly<Record<string, string>>[] = [
  {}, {}, {}, { Accept: 'application/fhir+xml' }, { Accept: '*/*;q=0' }, { Accept: 'text/html' }, { Prefer: 'return=minimal' }, { Prefer: 'return=OperationOutcome' },
  { Prefer: 'handling=strict' }, { Prefer: 'respond-async' }, { 'If-Match': 'W/"1"' }, { 'If-Match': '*' }, { 'If-None-Match': 'W/"1"' }, { 'If-None-Match': '*' },
  { 'If-Modified-Since': 'yesterday' }, { 'If-None-Exist': 'identifier=a|b' }, { 'If-None-Exist': '%%%' }, { 'Content-Encoding': 'gzip' }, { 'Content-Type': 'application/json' },
  { 'Content-Type': 'application/fhir+xml' }, { 'Content-Type': 'application/x-www-form-urlencoded' }, { 'Content-Type': 'text/plain' }, { Range: 'bytes=5-1' },
]; // prettier-ignore

const segment = (text: string): string => encodeURIComponent(text).replaceAll('%24', '$');

function query(random: Random, corpus: Corpus, type: string): string {
  const parameters = corpus.parameters.get(type) ?? ['_id'];
  const pairs = Array.from({ length: 1 + random.below(3) }, () => {
    const name = random.isOneIn(4) ? random.pick(CONTROLS) : `${random.pick(parameters)}${random.pick(MODIFIERS)}`; // prettier-ignore
    const value = random.pick(VALUES);
    return `${name}=${random.isOneIn(10) ? value : encodeURIComponent(value)}`;
  });
  return pairs.join('&');
}

const idOf = (random: Random): string => `fuzz-${random.below(500)}`;

function write(random: Random, corpus: Corpus): FuzzRequest {
  const example = random.pick(corpus.examples);
  const { resourceType: type } = example;
  const isNew = random.isOneIn(2);
  const id = isNew ? `new-${random.below(2 ** 31)}` : idOf(random);
  const resource = { ...example, id };
  // One in six as it is: so that searches and patches find something.
  const body = random.isOneIn(6)
    ? JSON.stringify(resource)
    : random.isOneIn(4)
      ? mutateBytes(random, JSON.stringify(resource))
      : mutateJson(random, resource, random.pick(corpus.examples));
  const path = random.isOneIn(20) ? `${random.pick(corpus.types)}/${id}` : `${type}/${id}`;
  if (random.isOneIn(5)) return { method: 'POST', path: type, headers: JSON_TYPE, body };
  return { method: 'PUT', path, headers: JSON_TYPE, body, ...(isNew && { marker: path }) };
}

function patch(random: Random, corpus: Corpus): FuzzRequest {
  const { resourceType } = random.pick(corpus.examples);
  const path = `${resourceType}/${idOf(random)}`;
  const pointers = ['/id', '/meta', '/text', '/identifier/-', '/identifier/0', '/nonsense', '', '/', '/__proto__/x', '/status', '/~2', '/extension/0/url']; // prettier-ignore
  const operations = Array.from({ length: 1 + random.below(3) }, () => ({
    op: random.pick(['add', 'remove', 'replace', 'move', 'copy', 'test', 'nonsense']),
    path: random.pick(pointers),
    from: random.pick(pointers),
    value: random.pick<unknown>([1, 'x', null, {}, [], { url: 'http://x.example' }]),
  }));
  if (random.isOneIn(2))
    return { method: 'PATCH', path, headers: { 'Content-Type': 'application/json-patch+json' }, body: JSON.stringify(operations) }; // prettier-ignore
  const part = (name: string, member: string, value: unknown): object => ({ name, [member]: value });
  const parameter = operations.map(({ op }) => ({
    name: 'operation',
    part: [
      part('type', 'valueCode', random.pick([op, 'insert', 'delete'])),
      part('path', 'valueString', `${resourceType}${random.pick(['', '.id', '.identifier', '.text.div', '.repeat(children())', '.where(', '.nonsense', '.identifier[0]'])}`), // prettier-ignore
      part('name', 'valueString', random.pick(['status', 'identifier', '__proto__', 'id'])),
      part('value', random.pick(['valueString', 'valueCode', 'valueHumanName', 'nonsense']), random.pick<unknown>(['x', 1, {}])), // prettier-ignore
      part('index', 'valueInteger', random.pick<unknown>([0, -1, 99, 1.5, 'x'])),
    ],
  }));
  const body = JSON.stringify({ resourceType: 'Parameters', parameter });
  return { method: 'PATCH', path, headers: JSON_TYPE, body };
}

function operation(random: Random, corpus: Corpus): FuzzRequest {
  const name = random.pick(corpus.operations);
  const type = random.pick(random.isOneIn(2) ? ['CodeSystem', 'ValueSet', 'ConceptMap', 'Patient', 'Observation'] : corpus.types); // prettier-ignore
  const place = random.pick(['', `${type}/`, `${type}/${idOf(random)}/`]);
  const names = ['url', 'code', 'system', 'filter', 'count', 'offset', 'display', 'coding', 'valueSet', 'resource', 'profile', 'mode', 'codeA', 'codeB', 'name', 'concept', 'source', 'target', 'start', 'max', 'date', 'activeOnly', 'meta']; // prettier-ignore
  if (random.isOneIn(2)) {
    const pairs = Array.from({ length: random.below(4) }, () => `${random.pick(names)}=${encodeURIComponent(random.pick(VALUES))}`); // prettier-ignore
    return { method: 'GET', path: `${place}${name}?${pairs.join('&')}`, headers: {} };
  }
  const parameter = Array.from({ length: random.below(4) }, () => ({
    name: random.pick(names),
    ...(random.isOneIn(2)
      ? { resource: random.pick(corpus.examples) }
      : { [random.pick(['valueUri', 'valueCode', 'valueString', 'valueInteger', 'valueCoding', 'valueBoolean', 'valueDate', 'valueMeta'])]: random.pick<unknown>([...VALUES, 1, true, {}, { system: 'http://loinc.org', code: 'x' }]) }), // prettier-ignore
  }));
  const body = mutateJson(random, { resourceType: 'Parameters', parameter }, random.pick(corpus.examples));
  return { method: 'POST', path: `${place}${name}`, headers: JSON_TYPE, body };
}

function search(random: Random, corpus: Corpus): FuzzRequest {
  const type = random.pick(corpus.types);
  const text = query(random, corpus, type);
  const forms = [type, type, type, `${type}/_history`, `${type}/${idOf(random)}`, `${type}/${idOf(random)}/_history`, `${type}/${idOf(random)}/_history/1`, '', '_history', `Patient/${idOf(random)}/${type}`, 'metadata', segment(random.pick(VALUES)), `${type}/${segment(random.pick(VALUES))}`]; // prettier-ignore
  if (random.isOneIn(8))
    return { method: 'POST', path: `${type}/_search`, headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: text }; // prettier-ignore
  return { method: random.pick(['GET', 'GET', 'GET', 'HEAD', 'DELETE']), path: `${random.pick(forms)}?${text}`, headers: {} }; // prettier-ignore
}

function bundle(random: Random, corpus: Corpus): FuzzRequest {
  const id = `new-${random.below(2 ** 31)}`;
  const marker = { resourceType: 'Basic', id, code: { text: 'marker' } } as unknown as Example;
  const entry = Array.from({ length: 1 + random.below(4) }, () => {
    const resource = random.pick(corpus.examples);
    const { resourceType: type } = resource;
    const method = random.pick(['POST', 'PUT', 'DELETE', 'GET', 'PATCH']);
    const url = method === 'POST' ? type : random.isOneIn(3) ? `${type}?${query(random, corpus, type)}` : `${type}/${idOf(random)}`; // prettier-ignore
    return { fullUrl: `urn:uuid:${type}`, resource, request: { method, url } };
  });
  entry.unshift({ fullUrl: `urn:uuid:${id}`, resource: marker, request: { method: 'PUT', url: `Basic/${id}` } }); // prettier-ignore
  const resource = { resourceType: 'Bundle', type: random.pick(['transaction', 'transaction', 'batch']), entry }; // prettier-ignore
  const body = random.isOneIn(4)
    ? JSON.stringify(resource)
    : mutateJson(random, resource, random.pick(corpus.examples));
  return { method: 'POST', path: '', headers: JSON_TYPE, body, ...(resource.type === 'transaction' && { marker: `Basic/${id}` }) }; // prettier-ignore
}

function xml(random: Random, corpus: Corpus): FuzzRequest {
  const { resourceType: type, ...members } = random.pick(corpus.examples);
  const id = `new-${random.below(2 ** 31)}`;
  const inner = Object.entries({ ...members, id })
    .filter(([, value]) => ['string', 'boolean', 'number'].includes(typeof value))
    .map(([name, value]) => `<${name} value="${String(value).replace(/[<&"]/g, ' ')}"/>`)
    .join('');
  const text = `<${type} xmlns="http://hl7.org/fhir"><id value="${id}"/>${inner}</${type}>`;
  const headers = { 'Content-Type': 'application/fhir+xml', Accept: 'application/fhir+xml' };
  return { method: 'PUT', path: `${type}/${id}`, headers, body: mutateBytes(random, text), marker: `${type}/${id}` }; // prettier-ignore
}

const MAKERS = [write, write, write, write, patch, operation, operation, search, search, search, bundle, xml];

/** The same for the same random numbers. */
export function makeRequest(random: Random, corpus: Corpus): FuzzRequest {
  const made = random.pick(MAKERS)(random, corpus);
  return random.isOneIn(4) ? { ...made, headers: { ...made.headers, ...random.pick(HEADERS) } } : made;
}
