/** The signed texts that belong to a note, of the newest 50. */
import type { Bundle, DocumentReference } from '@medplum/fhirtypes';
import { callJson, matchesOf } from '@dr-assistant/ui/session';
import { ADDENDUM_TYPE } from './addendum.ts';
import { SUMMARY_TYPE } from './patient-summary.ts';

/** The oldest first. */
export interface RelatedDocuments {
  readonly addenda: readonly DocumentReference[];
  readonly summaries: readonly DocumentReference[];
}

/** Throws ApiError. */
export async function loadRelated(noteId: string, signal: AbortSignal): Promise<RelatedDocuments> {
  const search = `DocumentReference?relatesto=DocumentReference/${noteId}&status=current&_sort=-date&_count=50`;
  const found = matchesOf<DocumentReference>(await callJson<Bundle>(search, undefined, signal)).toReversed();
  const of = ({ coding: [wanted] }: { coding: readonly { code: string }[] }): DocumentReference[] =>
    found.filter(({ type }) => type?.coding?.some(({ code }) => code === wanted?.code));
  return { addenda: of(ADDENDUM_TYPE), summaries: of(SUMMARY_TYPE) };
}
