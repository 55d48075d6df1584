/** What a clinician adds to a signed note: an own signed document, since the note itself stays as it was signed. */
import type { Bundle, DocumentReference, Practitioner, Reference } from '@medplum/fhirtypes';
import { documentBundle } from './document-bundle.ts';

/** LOINC "Addendum". https://loinc.org/55107-7 */
export const ADDENDUM_TYPE = {
  coding: [{ system: 'http://loinc.org', code: '55107-7', display: 'Addendum Document' }],
  text: 'Addendum',
};

/** @param now instant */
export const addendumBundle = (
  note: DocumentReference,
  text: string,
  signer: Reference<Practitioner>,
  now: string,
): Bundle => documentBundle({ note, type: ADDENDUM_TYPE, relation: 'appends', text, signer, now });
