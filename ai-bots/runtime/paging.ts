/** The link to the next page of a search. https://hl7.org/fhir/R4/http.html#paging */
import type { Bundle } from '@medplum/fhirtypes';
import { HttpFailure } from './http-failure.ts';

/** Undefined on the last page. Throws HttpFailure for a link that leads to another server: it would be sent our token. */
export function nextPage(page: Bundle, baseUrl: string): string | undefined {
  const url = page.link?.find((link) => link.relation === 'next')?.url;
  if (url === undefined) return undefined;
  const absolute = new URL(url, `${baseUrl}/`).href;
  if (absolute === baseUrl || absolute.startsWith(`${baseUrl}/`) || absolute.startsWith(`${baseUrl}?`))
    return absolute;
  throw new HttpFailure(403, 'the next page is not on this FHIR server');
}
