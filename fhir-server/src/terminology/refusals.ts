/** Why terminology refuses: in a search always the request's fault, so 400 (https://hl7.org/fhir/R4/search.html#errors); operations tell more by their status. */
import { FhirError, issue } from '../fhir/outcome.ts';
import type { TerminologyLimits } from './limits.ts';

export const unknownValueSet = (canonical: string): FhirError =>
  new FhirError(400, [issue('not-found', `The value set ${canonical} is not known here`)]);

/** Known by its name only is not enough where a hierarchy or a filter is asked for. */
export const unknownCodeSystem = (canonical: string): FhirError =>
  new FhirError(400, [issue('not-found', `The content of the code system ${canonical} is not known here`)]);

export const unlistable = (system: string): FhirError =>
  new FhirError(400, [
    issue(
      'not-supported',
      `The content of the code system ${system} is not known here, so that what remains of it after an exclude cannot be listed`,
    ),
  ]);

export const tooManyCodes = (asked: string, limits: TerminologyLimits): FhirError =>
  new FhirError(400, [
    issue(
      'too-costly',
      `${asked} comes to more than ${limits.codes} codes; narrow the search to a smaller value set or a deeper code`,
    ),
  ]);

export const tooLongPage = (asked: string, limits: TerminologyLimits): FhirError =>
  new FhirError(400, [
    issue(
      'too-costly',
      `The expansion of ${asked} has more than ${limits.codes} codes; ask for it page by page with count and offset, or for fewer with filter`,
      'count',
    ),
  ]);

export const tooMuchWork = (asked: string): FhirError =>
  new FhirError(400, [
    issue(
      'too-costly',
      `${asked} is made of too many value sets or filters; narrow the search to a smaller one`,
    ),
  ]);
