/** Which state of a document is meant: a change goes ahead only on the state that its author has seen. https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1 */
import { hash } from 'node:crypto';
import { FhirError, issue, preconditionFailed } from '../fhir/outcome.ts';

/** Of the members in any order, since the database keeps none. */
export function entityTag(document: object): string {
  return `W/"${hash('sha256', canonical(document), 'base64url').slice(0, 27)}"`;
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`)
    .join()}}`;
}

/** Throws FhirError 428 without If-Match, 412 when the document has changed since. `*` is any state. */
export function checkMatch(ifMatch: string | undefined, current: object): void {
  if (ifMatch === undefined)
    throw new FhirError(428, [
      issue('required', 'If-Match with the ETag of what is replaced is required', 'http.If-Match'),
    ]);
  const weak = (tag: string): string => tag.trim().replace(/^W\//, '');
  if (
    ifMatch.trim() === '*' ||
    ifMatch
      .split(',')
      .map(weak)
      .includes(weak(entityTag(current)))
  )
    return;
  throw preconditionFailed('Somebody else has changed this since you read it', 'http.If-Match');
}
