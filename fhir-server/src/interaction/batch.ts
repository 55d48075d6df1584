/** batch: each entry for itself; one that fails leaves the others alone. https://hl7.org/fhir/R4/http.html#transaction */
import type { FhirError } from '../fhir/outcome.ts';
import type { Answer, ReturnPreference } from './answer.ts';
import { bundleEntries, parseEntry } from './bundle-entry.ts';
import { entryAnswer, failedEntry, responseBundle } from './bundle-response.ts';
import { dispatch } from './dispatch.ts';
import type { Request } from './server.ts';

/** Each entry is an access of its own. */
const forked = (request: Request): Request =>
  request.trail ? { ...request, trail: request.trail.fork() } : request;

/** `onFault` turns an unexpected error into what the client may know of it, and logs it. */
export async function batch(
  request: Request,
  body: unknown,
  preference: ReturnPreference,
  onFault: (error: unknown) => FhirError,
): Promise<Answer> {
  const { entries } = bundleEntries(request.server, body);
  const answers: string[] = [];
  for (const [i, raw] of entries.entries()) {
    try {
      const { resource, ...entry } = parseEntry(request.server, raw, i);
      const call = { ...entry, body: resource, preference, handling: 'lenient' as const };
      const isReading = entry.method === 'GET' || entry.method === 'HEAD';
      answers.push(
        entryAnswer(await dispatch(forked(request), call), isReading ? 'representation' : preference),
      );
    } catch (error) {
      answers.push(failedEntry(onFault(error)));
    }
  }
  return responseBundle('batch-response', answers);
}
