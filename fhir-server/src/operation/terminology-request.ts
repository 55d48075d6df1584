/** What the terminology operations have in common: what they read, within which limits, and how they refuse. https://hl7.org/fhir/R4/terminology-service.html */
import type { CodeSystem, Coding, Resource, ValueSet } from '@medplum/fhirtypes';
import { badRequest, FhirError, notSupported } from '../fhir/outcome.ts';
import {
  loadCurrent,
  type OperationCall,
  permit,
  type Request,
  terminologySource,
} from '../interaction/index.ts';
import { Reader, type ReaderOptions, type SystemVersions } from '../terminology/index.ts';
import type { OperationInput } from './operation-input.ts';

/** Throws 403 for who may not search the type at all. */
export function readerOf(
  request: Request,
  call: OperationCall,
  asked: string,
  options: Omit<ReaderOptions, 'limits'> = {},
): Reader {
  // Who names an instance has read it, which is a right of its own.
  if (call.id === undefined) permit(request, 'search-type', call.resourceType ?? 'CodeSystem');
  return new Reader(terminologySource(request), asked, {
    ...options,
    limits: request.server.config.terminology,
  });
}

/** What the operation is called on, at the level of an instance. Throws 403, 404 or 410. */
export async function instanceOf<T extends Resource>(
  request: Request,
  { resourceType, id }: OperationCall,
): Promise<T | undefined> {
  if (resourceType === undefined || id === undefined) return undefined;
  return JSON.parse((await loadCurrent(request, resourceType, id)).content) as T;
}

/**
 * In a search these refusals are the search's fault; here the status tells more: what is not known is 404, what is known but
 * cannot be worked out is 422, as the public terminology servers answer.
 */
export async function answering<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FhirError) || error.status !== 400) throw error;
    const code = error.outcome.issue[0]?.code;
    if (code === 'not-found') throw new FhirError(404, error.outcome.issue);
    if (code === 'too-costly' || code === 'not-supported') throw new FhirError(422, error.outcome.issue);
    throw error;
  }
}

export const json = (resource: object) => ({ status: 200, headers: {}, body: JSON.stringify(resource) });

/** Only the definitions as they are now are known: https://hl7.org/fhir/R4/valueset-operation-expand.html, `date`. */
export function checkDate(input: OperationInput): void {
  const date = input.text('date');
  if (date === undefined) return;
  const time = Date.parse(date);
  if (!/^\d{4}(-\d{2}){0,2}(T.+)?$/.test(date) || Number.isNaN(time))
    throw badRequest('Parameter date: not a date', 'date');
  const today = new Date().toISOString().slice(0, 10);
  if (date.slice(0, 10) < today.slice(0, date.length))
    throw new FhirError(422, notSupported('Definitions as they were on a date in the past are not kept', 'date').outcome.issue); // prettier-ignore
}

/** The one way in which the code is given. Throws 400 for none and for several. */
export function codingsOf(
  input: OperationInput,
  { version = 'version' }: { readonly version?: string } = {},
): readonly Coding[] {
  const ways = ['code', 'coding', 'codeableConcept'].filter((name) => input.has(name));
  if (ways.length !== 1)
    throw badRequest('One of the parameters code, coding and codeableConcept is needed', ways[1] ?? 'code');
  if (input.has('codeableConcept')) return input.codeableConcept('codeableConcept')?.coding ?? [];
  const coding = input.codings('coding')[0];
  if (coding !== undefined) return [coding];
  const [code, system, versionText, display] = ['code', 'system', version, 'display'].map((name) =>
    input.text(name),
  );
  return [
    {
      ...(code !== undefined && { code }),
      ...(system !== undefined && { system }),
      ...(versionText !== undefined && { version: versionText }),
      ...(display !== undefined && { display }),
    },
  ];
}

/** `url|version` → version, by url. Throws 400 for a canonical without a version. */
export function versionsOf(input: OperationInput): SystemVersions {
  const read = (name: string): ReadonlyMap<string, string> =>
    new Map(
      input.texts(name).map((canonical) => {
        const [url = '', version = ''] = canonical.split('|');
        if (url === '' || version === '')
          throw badRequest(`Parameter ${name}: the form is system|version`, name);
        return [url, version];
      }),
    );
  return {
    usual: read('system-version'),
    required: read('check-system-version'),
    forced: read('force-system-version'),
  };
}

export interface ValueSetAsked {
  readonly valueSet: ValueSet;
  /** What it is called in messages. */
  readonly canonical: string;
}

/** The value set of a call: the instance, `valueSet`, or `url`. Throws 400, 404. */
export async function valueSetOf(
  request: Request,
  call: OperationCall,
  input: OperationInput,
  reader: Reader,
): Promise<ValueSetAsked> {
  if (input.has('context'))
    throw notSupported('The parameter context is not supported; name the value set by url', 'context');
  const instance = await instanceOf<ValueSet>(request, call);
  const sent = input.resource<ValueSet>('valueSet', 'ValueSet');
  const url = input.text('url');
  const named = [instance, sent, url].filter((way) => way !== undefined);
  if (named.length > 1 && !(sent !== undefined && sent.url === url))
    throw badRequest('The value set is named more than once', 'url');
  const valueSet = instance ?? sent;
  if (valueSet !== undefined)
    return { valueSet, canonical: valueSet.url ?? `ValueSet/${valueSet.id ?? 'of the request'}` };
  if (url === undefined)
    throw badRequest('One of the parameters url and valueSet is needed to name the value set', 'url');
  const version = input.text('valueSetVersion');
  const canonical = version === undefined || url.includes('|') ? url : `${url}|${version}`;
  return { valueSet: await reader.knownValueSet(canonical), canonical };
}

/** The code system of a call: the instance, `codeSystem`, or the `url`. */
export async function codeSystemSent(
  request: Request,
  call: OperationCall,
  input: OperationInput,
): Promise<CodeSystem | undefined> {
  const instance = await instanceOf<CodeSystem>(request, call);
  const sent = input.resource<CodeSystem>('codeSystem', 'CodeSystem');
  if (instance !== undefined && sent !== undefined)
    throw badRequest('The code system is named more than once', 'codeSystem');
  const own = instance ?? sent;
  // Without a url it can be asked for here, and nowhere else.
  return own && { ...own, url: own.url ?? `CodeSystem/${own.id ?? 'of the request'}` };
}
